import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { type DailyDigest, readDigest, signDigest, withoutHeads } from '../../../recordings/anchor/daily-digest.ts'
import { verifyTimestamp } from '../../../recordings/anchor/verify-timestamp.ts'
import { canonicalJson } from '../../../recordings/seal/canonical-json.ts'
import type { SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import { OpensslTsa } from '../../../test/harness/openssl-tsa.ts'
import { anchorRig, DAY_MS } from './anchor-rig.ts'

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Two days with a call each, both anchored and published. */
async function twoDays(t: { teardown(fn: () => unknown): void }) {
  const rig = await anchorRig(t)
  const first = day(rig.clock.ms)
  let server = await rig.start()
  const calls = [await rig.sealCall(server.index)]
  rig.nextNight()
  await server.anchors.tick()
  calls.push(await rig.sealCall(server.index))
  for (let i = 0; i < 5; i++) await server.accessLog.add({ user: rig.reviewer, action: 'open', detail: `look ${i}` })
  rig.nextNight()
  await server.anchors.tick()
  const second = day(Date.parse(first) + DAY_MS)
  const restart = async () => {
    await server.close()
    server = await rig.start()
    await server.anchors.tick()
    return server
  }
  const alarms = async () => (await server.anchors.check()).alarms.map(({ key }) => key)
  const local = (name: string) => join(rig.dataDir, 'anchors', name)
  return { ...rig, first, second, calls, restart, alarms, local, server: () => server }
}

t.test(
  '[AN30] each day that is over has one signed digest that names the one before, all seals and the log',
  async t => {
    const { dataDir, published, first, second, calls, alarms, folders, server } = await twoDays(t)
    t.strictSame(await alarms(), [])
    t.strictSame(await readdir(join(dataDir, 'anchors')), [`${first}.json`, `${second}.json`])
    const [one, two] = [first, second].map(name => readFileSync(join(dataDir, 'anchors', `${name}.json`)))
    const [a, b] = [readDigest(one ?? Buffer.alloc(0)), readDigest(two ?? Buffer.alloc(0))]
    t.match(a, { day: first, number: 0, previous: null, late: false })
    t.match(b, { day: second, number: 1, previous: { day: first, sha256: sha256(one ?? Buffer.alloc(0)) } })
    const manifest = readFileSync(join(folders.get(calls[1] ?? calls[0]!) ?? '', 'manifest.json'))
    t.match(b?.calls, [{ callId: calls[1], manifestSha256: sha256(manifest) }])
    t.equal(a?.calls.length, 1)
    const sealed = JSON.parse(manifest.toString('utf8')) as SealedManifest
    for (const told of [sealed.journal.head, sealed.seal.signature])
      t.notOk(two?.includes(told), '[AN39] nothing by which masked digits could be tried out')
    t.ok((b?.accessLog.entries ?? 0) > (a?.accessLog.entries ?? 0))
    t.ok(readFileSync(join(published, `${second}.json`)).equals(two ?? Buffer.alloc(0)), 'published')
    t.match(await server().anchors.state(), { digests: 2, lastDigest: { day: second }, published: { waitingDays: 0 } })
  },
)

t.test('[AN31] days the server was away are made up for at its start and marked late', async t => {
  const { clock, restart, local, second, alarms } = await twoDays(t)
  clock.ms += 3 * DAY_MS
  await restart()
  const late = [1, 2, 3].map(n => day(Date.parse(second) + n * DAY_MS))
  for (const name of late) t.match(readDigest(readFileSync(local(`${name}.json`))), { day: name })
  t.equal(readDigest(readFileSync(local(`${late[0]}.json`)))?.late, true)
  t.strictSame(await alarms(), [])
})

t.test('[AN32] a missing, altered or removed digest is an alarm, and is not made again', async t => {
  const { first, second, alarms, local, restart, published } = await twoDays(t)
  const original = readFileSync(local(`${second}.json`))
  writeFileSync(local(`${second}.json`), original.toString().replace('"number":1', '"number":2'))
  t.ok((await alarms()).includes(`digest-altered ${second}`))
  rmSync(local(`${second}.json`))
  await restart()
  const removed = await alarms()
  for (const key of [`digest-missing ${second}`, `digest-removed ${second}`, `rolled-back ${second}`])
    t.ok(removed.includes(key), key)
  rmSync(published, { recursive: true })
  t.ok((await alarms()).includes(`digest-removed ${second}`), 'the access log remembers it')
  writeFileSync(local(`${second}.json`), original)
  t.strictSame(await alarms(), [])
  rmSync(local(`${first}.json`))
  const gap = await alarms()
  for (const key of [`digest-missing ${first}`, `chain-broken ${second}`]) t.ok(gap.includes(key), key)
})

t.test('[AN33] a record in a digest that is gone, or is another, is an alarm; a certificate explains it', async t => {
  const { first, second, calls, folders, alarms, erasures, clock, server, restart } = await twoDays(t)
  const [one, two] = [calls[0]!, calls[1]!]
  const manifest = join(folders.get(one) ?? '', 'manifest.json')
  const original = readFileSync(manifest)
  writeFileSync(manifest, original.toString().replace('"from":"1001"', '"from":"1002"'))
  t.strictSame(await alarms(), [`manifest-differs ${first} ${one}`])
  writeFileSync(manifest, original)
  rmSync(folders.get(two) ?? '', { recursive: true })
  t.strictSame(await alarms(), [`call-missing ${second} ${two}`])
  erasures.push({ callId: two, certificateSha256: 'c'.repeat(64), issuedAt: new Date(clock.ms).toISOString() })
  t.strictSame(await alarms(), [])
  clock.ms += DAY_MS
  await server().anchors.tick()
  erasures.length = 0
  const third = day(Date.parse(second) + DAY_MS)
  const keys = await alarms()
  t.ok(keys.includes(`certificate-missing ${third} ${two}`))
  t.ok(keys.includes(`call-missing ${second} ${two}`))
  await restart()
})

t.test('[AN34] an access log that was cut, changed or written anew does not fit its digests', async t => {
  const { second, alarms, dataDir, server, restart } = await twoDays(t)
  await server().close()
  const path = join(dataDir, 'audit', `${second}.jsonl`)
  const original = readFileSync(path, 'utf8')
  const lines = original.split('\n')
  // Cut, and the database that would have remembered is gone as well.
  writeFileSync(path, `${lines.slice(0, 3).join('\n')}\n`)
  rmSync(join(dataDir, 'audit', `${day(Date.parse(second) + DAY_MS)}.jsonl`))
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, `index.sqlite${suffix}`), { force: true })
  await restart()
  const keys = await alarms()
  t.ok(
    keys.some(key => key.startsWith('log-shorter') || key.startsWith('log-differs')),
    keys.join(),
  )
})

t.test('[AN35] a data folder set back to an older state is found out by what was published', async t => {
  const rig = await twoDays(t)
  const backup = join(rig.dataDir, '..', `backup-${rig.second}-${process.pid}`)
  t.teardown(() => rmSync(backup, { recursive: true, force: true }))
  await rig.server().close()
  const parts = ['anchors', 'audit', 'index.sqlite']
  for (const part of parts) cpSync(join(rig.dataDir, part), join(backup, part), { recursive: true })
  const now = await rig.restart()
  await rig.sealCall(now.index)
  await now.accessLog.add({ user: rig.reviewer, action: 'export', detail: 'to be forgotten' })
  rig.clock.ms += DAY_MS
  await now.anchors.tick()
  const third = day(Date.parse(rig.second) + DAY_MS)
  t.strictSame(await rig.alarms(), [])
  const forgotten = readDigest(readFileSync(rig.local(`${third}.json`)))?.calls[0]?.callId
  t.ok(forgotten)
  await now.close()
  for (const part of [...parts, 'index.sqlite-wal', 'index.sqlite-shm'])
    rmSync(join(rig.dataDir, part), { recursive: true, force: true })
  for (const part of parts) cpSync(join(backup, part), join(rig.dataDir, part), { recursive: true })
  if (forgotten) rig.folders.delete(forgotten)
  await rig.restart()
  const keys = await rig.alarms()
  t.ok(keys.includes(`rolled-back ${third}`), keys.join())
  t.ok(keys.includes(`call-missing ${third} ${forgotten}`))
  t.ok(keys.some(key => key.startsWith('log-shorter') || key.startsWith('log-differs')))
  t.notOk(
    keys.some(key => key.startsWith('published-differs')),
    'the day was not made a second time',
  )
})

t.test(
  '[AN36] alarms are told once, stand in the log and in the next digest, and can be explained by a person',
  async t => {
    const { folders, calls, server, clock, first, local, second, reviewer } = await twoDays(t)
    rmSync(folders.get(calls[0]!) ?? '', { recursive: true })
    const key = `call-missing ${first} ${calls[0]}`
    const { anchors, accessLog, events } = server()
    await anchors.check()
    await anchors.check()
    const told = await accessLog.search({ action: 'anchor-alarm', limit: 9 })
    t.strictSame(
      told.entries.map(entry => entry.detail),
      [key],
    )
    t.match(await events.registry.metrics(), /tongping_anchor_alarms_total\{kind="call-missing"\} 1/)
    t.match(await events.registry.metrics(), /tongping_anchors\{what="alarms"\} 1/)
    clock.ms += DAY_MS
    await anchors.tick()
    t.strictSame(readDigest(readFileSync(local(`${day(Date.parse(second) + DAY_MS)}.json`)))?.alarms, [key])
    await anchors.acknowledge(key, reviewer, 'test call of the installer')
    t.strictSame(anchors.openAlarms, [])
    t.match((await anchors.state()).alarms, [{ key, acknowledged: true }])
    t.match(await accessLog.search({ action: 'anchor-acknowledged', limit: 1 }), { entries: [{ userName: 'Lin' }] })
  },
)

t.test(
  '[AN25] every seal and digest is stamped in the background; an authority away holds nothing and is made up for',
  async t => {
    const tsa = await OpensslTsa.start()
    t.teardown(() => tsa.close())
    const rig = await anchorRig(t, { tsaUrls: [tsa.url], tsaCaFile: tsa.caFile })
    const { index, anchors, accessLog } = await rig.start()
    const callId = await rig.sealCall(index)
    tsa.manner = 'error-500'
    await anchors.tick()
    t.match(await anchors.state(), { stamps: { configured: true, stamped: 0, waiting: 1 }, alarms: [] })
    const { queries } = tsa
    await anchors.tick()
    t.equal(tsa.queries, queries, 'not asked again at once')
    rig.clock.ms += DAY_MS
    await anchors.tick()
    rig.clock.ms += 2 * 3_600_000
    await anchors.tick()
    const today = day(rig.clock.ms - DAY_MS)
    t.strictSame(anchors.openAlarms, [`digest-unstamped ${today}`, 'seals-unstamped'])
    tsa.manner = 'answers'
    rig.clock.ms += 3_600_000
    await anchors.tick()
    t.match(await anchors.state(), { stamps: { stamped: 1, waiting: 0 }, alarms: [] })
    const folder = rig.folders.get(callId) ?? ''
    const [manifest, response] = ['manifest.json', 'derived/stamp/manifest-1.tsr'].map(name =>
      readFileSync(join(folder, name)),
    )
    t.ok(await tsa.opensslVerifies(response!, manifest!), 'openssl agrees on the seal')
    const script = join(import.meta.dirname, '../../../scripts/verify-archive.ts')
    const said = spawnSync(process.execPath, [script, folder, '--ca', tsa.caFile], { encoding: 'utf8' })
    t.match(said, { status: 0, stdout: /stamped {3}\d{4}-.*Z by Test TSA, Tongping tests\n/ })
    const [digest, stamp] = ['json', 'tsr'].map(name => readFileSync(join(rig.dataDir, 'anchors', `${today}.${name}`)))
    t.ok(await tsa.opensslVerifies(stamp!, digest!), 'and on the digest')
    t.match(await verifyTimestamp({ response: stamp!, data: digest!, authorities: [tsa.caPem] }), { trusted: true })
    t.ok(readFileSync(join(rig.published, `${today}.tsr`)).equals(stamp!), 'the stamp is published too')
    writeFileSync(join(rig.dataDir, 'anchors', `${today}.tsr`), response!)
    t.match((await anchors.check()).alarms, [{ alarm: { kind: 'stamp-wrong', fault: 'imprint-wrong' } }])
    await accessLog.flush()
  },
)

t.test(
  '[AN37] a webhook gets each digest once, signed, and again with its stamp; while it is away the day waits',
  async t => {
    const got: { body: string; signature: string | undefined }[] = []
    let status = 503
    const server = createServer((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', piece => pieces.push(piece))
      request.on('end', () => {
        if (status === 200)
          got.push({
            body: Buffer.concat(pieces).toString(),
            signature: request.headers['x-tongping-signature'] as string | undefined,
          })
        response.writeHead(status).end()
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const rig = await anchorRig(t, { folder: undefined, webhook: { url, secret: 'key' } })
    const { anchors, events } = await rig.start()
    rig.clock.ms += DAY_MS
    await anchors.tick()
    t.match(await anchors.state(), { published: { configured: true, waitingDays: 1 } })
    rig.clock.ms += 2 * 3_600_000
    await anchors.tick()
    t.strictSame(anchors.openAlarms, [`digest-unpublished ${day(rig.clock.ms - DAY_MS)}`])
    status = 200
    for (let i = 0; i < 3; i++) {
      rig.clock.ms += 120_000
      await anchors.tick()
    }
    t.equal(got.length, 1, 'once')
    const { body, signature } = got[0]!
    t.equal(signature, `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`)
    const told = JSON.parse(body) as { day: string; sha256: string; digest: string; stamp: null }
    t.equal(sha256(Buffer.from(told.digest)), told.sha256)
    t.ok(readDigest(Buffer.from(told.digest)))
    t.strictSame(anchors.openAlarms, [])
    t.match(await events.registry.metrics(), /not-published-webhook/)
  },
)

t.test(
  '[AN39] a digest of the format before is still read; its heads stay back from who may not see whole numbers',
  async t => {
    const rig = await anchorRig(t)
    const head = 'a'.repeat(64)
    const call = { callId: 'call_00000000000000000001' as CallId, sealedAt: '2026-01-02T03:04:05.000Z' }
    const old: DailyDigest = {
      ...{ format: 'tongping-digest/1', day: '2026-01-02', number: 0, previous: null, late: false, erasures: [] },
      madeAt: '2026-01-03T00:01:00.000Z',
      calls: [{ ...call, manifestSha256: 'b'.repeat(64), journalHead: head }],
      accessLog: { entries: 1, head: 'c'.repeat(64) },
      alarms: [],
    }
    const read = readDigest(signDigest(old, rig.sealKey))
    t.match(read?.calls, [{ journalHead: head }])
    if (!read) throw new Error('not read')
    const shown = canonicalJson(withoutHeads(read))
    t.notOk(shown.includes(head))
    t.ok(shown.includes('b'.repeat(64)))
  },
)
