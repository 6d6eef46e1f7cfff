import { spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { PackageManifest, signPackage } from '../../../recordings/export/package-manifest.ts'
import { SealKey } from '../../../recordings/seal/seal-key.ts'
import { PlainCallFiles } from '../../../recordings/vault/plain-call-files.ts'
import { buildPages } from '../../../scripts/build-pages.mjs'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import { OpensslTsa } from '../../../test/harness/openssl-tsa.ts'
import { unzip } from '../../../test/harness/unzip.ts'
import { anchorRig } from '../anchors/anchor-rig.ts'
import { orderFor } from './fixture.ts'
import { runExport } from './run-export.ts'

t.setTimeout(180_000)

const tsa = await OpensslTsa.start()
t.teardown(() => tsa.close())
const rig = await anchorRig(t, { tsaUrls: [tsa.url], tsaCaFile: tsa.caFile })
const { anchors, index } = await rig.start()
const pagesFolder = join(rig.dataDir, 'pages')
await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })

/** A call that was really sealed, stamped by the authority and named in the digest of its day, which is stamped too. */
async function anchoredCall(): Promise<CallId> {
  const callId = await rig.sealCall(index)
  rig.nextNight()
  await anchors.tick()
  return callId
}
const mine = await anchoredCall()
const others = await anchoredCall()

async function packageOf(callId: CallId, name: string): Promise<string> {
  const folder = join(rig.dataDir, name)
  await mkdir(folder)
  const call = { callId, root: rig.dataDir, key: rig.sealKey, folder: rig.folders.get(callId) ?? '' }
  const order = { ...orderFor(call, { folder, pagesFolder }), authorities: [tsa.caPem] }
  await runExport(order, { sign: async text => rig.sealKey.sign(text) })
  await unzip(await readFile(order.out), join(folder, 'unpacked'))
  return join(folder, 'unpacked')
}
const whole = await packageOf(mine, 'mine')
const foreign = await packageOf(others, 'others')
const digestOf = async (folder: string) => {
  const { files } = PackageManifest.parse(JSON.parse(await readFile(join(folder, 'package-manifest.json'), 'utf8')))
  return files.map(({ path }) => path).find(path => /^stamps\/digest-.*\.json$/.test(path)) ?? ''
}
const digest = await digestOf(whole)
const foreignDigest = await digestOf(foreign)
const SEAL_STAMP = 'stamps/manifest-1.tsr'
const DIGEST_STAMP = digest.replace(/json$/, 'tsr')

/** The verifier that lies in the package, with nothing else, by plain Node. */
function verify(folder: string, ...more: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['verify/tongping-verify.mjs', '.', '--key', 'verify/seal-key.pub.pem', '--ca', 'verify/tsa-roots.pem', ...more],
    { cwd: folder, encoding: 'utf8', env: {} },
  )
  return { status, said: stdout + stderr, problems: stdout.split('\n').filter(line => line.startsWith('problem')) }
}

let copies = 0
async function changed(change: (folder: string) => Promise<unknown>) {
  const folder = join(rig.dataDir, `changed-${++copies}`)
  await cp(whole, folder, { recursive: true })
  await change(folder)
  return { folder, ...verify(folder) }
}
const flip = (file: string) => async (folder: string) => {
  const bytes = await readFile(join(folder, file))
  const at = Math.floor(bytes.length * 0.9)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(join(folder, file), bytes)
}

t.test(
  '[EP17] a package holds stamps, the digest of the day, the roots; its own verifier checks all of it',
  async t => {
    const good = verify(whole)
    t.equal(good.status, 0, good.said)
    t.match(good.said, /^INTACT\npackage {3}exp_test, evidence/)
    t.match(good.said, new RegExp(`call {6}${mine}`))
    t.match(good.said, /\nstamped {3}\d{4}-[^(\n]* by Test TSA, Tongping tests\n/)
    t.match(good.said, /\nstamped {3}the digest, \d{4}-[^(\n]* by Test TSA, Tongping tests\n/)
    t.match(good.said, /\ndigest {4}of \d{4}-\d\d-\d\d names this record, signed with key /)
    t.notMatch(good.said, /problem|no --key|no --ca/)
    for (const [stamp, over] of [
      [SEAL_STAMP, 'originals/manifest.json'],
      [DIGEST_STAMP, digest],
    ] as const) {
      const openssl = ['ts', '-verify', '-in', stamp, '-data', over, '-CAfile', 'verify/tsa-roots.pem']
      const { stdout, stderr } = spawnSync('openssl', openssl, { cwd: whole, encoding: 'utf8' })
      t.match(stdout + stderr, /Verification: OK/, `a stranger's openssl says the same of ${stamp}`)
    }
    const text = spawnSync('openssl', ['ts', '-reply', '-in', SEAL_STAMP, '-token_out', '-text'], {
      ...{ cwd: whole, encoding: 'utf8' },
    })
    t.match(text.stdout, /Time stamp:/)
    t.match(JSON.parse(verify(whole, '--json').said), { intact: true, stamps: [{}, {}, {}], digest: { file: digest } })
  },
)

t.test('[EP18] an altered stamp or digest is named', async t => {
  for (const file of [SEAL_STAMP, DIGEST_STAMP]) {
    const { status, problems } = await changed(flip(file))
    t.equal(status, 1)
    t.match(problems, [
      new RegExp(`${file}: content changed since the package was made`),
      new RegExp(`${file}: the time stamp does not hold`),
    ])
  }
  const { status, problems } = await changed(flip(digest))
  t.equal(status, 1)
  t.match(problems.join('\n'), new RegExp(`${digest}: content changed`))
  t.match(problems.join('\n'), new RegExp(`${digest}: the digest is damaged or altered`))
  t.match(problems.join('\n'), new RegExp(`${DIGEST_STAMP}: stamps something else than this digest`))
})

t.test('[EP18] a stamp or digest of another call in its place is named as such', async t => {
  const put = (from: string, to: string) => (folder: string) => cp(join(foreign, from), join(folder, to))
  const stamp = await changed(put(SEAL_STAMP, SEAL_STAMP))
  t.equal(stamp.status, 1)
  t.match(stamp.problems.join('\n'), new RegExp(`${SEAL_STAMP}: stamps something else than this record`))
  const inside = await changed(put(SEAL_STAMP, 'originals/derived/stamp/manifest-1.tsr'))
  t.match(inside.problems.join('\n'), /originals\/derived\/stamp\/manifest-1\.tsr: stamps something else/)
  const day = await changed(put(foreignDigest, digest))
  t.equal(day.status, 1)
  t.match(day.problems.join('\n'), new RegExp(`${digest}: the digest is of another day, or does not name this record`))
  const dayStamp = await changed(put(foreignDigest.replace(/json$/, 'tsr'), DIGEST_STAMP))
  t.match(dayStamp.problems.join('\n'), new RegExp(`${DIGEST_STAMP}: stamps something else than this digest`))
})

t.test('[EP18] a stamp or digest that is listed and gone is named, and so is one that was slipped in', async t => {
  for (const file of [SEAL_STAMP, digest, DIGEST_STAMP]) {
    const { status, problems } = await changed(folder => rm(join(folder, file)))
    t.equal(status, 1)
    t.match(problems.join('\n'), new RegExp(`${file}: is listed in package-manifest.json and missing`))
  }
  const { status, problems } = await changed(folder =>
    cp(join(foreign, SEAL_STAMP), join(folder, 'stamps/manifest-2.tsr')),
  )
  t.equal(status, 1)
  t.same(problems, ['problem   stamps/manifest-2.tsr: was not in the package'])
})

t.test('[EP18] a list that was changed to fit is told by its signature, one signed anew by its key', async t => {
  const relisted = async (folder: string) => {
    await rm(join(folder, SEAL_STAMP))
    const path = join(folder, 'package-manifest.json')
    const manifest = PackageManifest.parse(JSON.parse(await readFile(path, 'utf8')))
    return { path, content: { ...manifest, files: manifest.files.filter(file => file.path !== SEAL_STAMP) } }
  }
  const unsigned = await changed(async folder => {
    const { path } = await relisted(folder)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(SEAL_STAMP, 'stamps/manifest-9.tsr'))
  })
  t.same(unsigned.problems, ['problem   the signature does not fit package-manifest.json'])
  const forger = await SealKey.loadOrCreate(join(rig.dataDir, 'forger'))
  const forged = await changed(async folder => {
    const { path, content } = await relisted(folder)
    const { seal: _, ...unsealed } = content
    const key = { keyId: forger.keyId, publicKeyPem: forger.publicKeyPem, sign: (text: string) => forger.sign(text) }
    await writeFile(path, await signPackage(unsealed, key))
  })
  t.equal(forged.status, 1)
  t.match(forged.problems.join('\n'), /the package is signed by another key than the one given/)
})

t.test('[EP19] a package made with a wrong stamp says so itself: its list fits, its stamp does not', async t => {
  const stampOfOthers = await readFile(join(foreign, SEAL_STAMP))
  const files = new PlainCallFiles(rig.folders.get(mine) ?? '')
  const own = await files.read('derived/stamp/manifest-1.tsr')
  await files.put('derived/stamp/manifest-1.tsr', [stampOfOthers])
  t.teardown(() => files.put('derived/stamp/manifest-1.tsr', [own]))
  const folder = await packageOf(mine, 'wrong-stamp')
  const { status, problems } = verify(folder)
  t.equal(status, 1)
  t.match(problems.join('\n'), new RegExp(`${SEAL_STAMP}: stamps something else than this record`))
  t.notMatch(problems.join('\n'), /content changed/)
})
