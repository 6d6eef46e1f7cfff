import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { recoverOrphans } from '../../recordings/archive/recover-orphans.ts'
import { quietLog, temporaryFolder } from '../../recordings/fixture.ts'
import { readCertificate } from '../../recordings/retention/certificate.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { CALL_TABLES, tablesWithCallId } from '../store/forget-call.ts'
import { PURGE_STEPS } from './purge-plan.ts'
import { filesWith, openHouse, sealCall } from './retention-fixture.ts'

t.setTimeout(180_000)

t.test(
  '[RT12] after a purge no file of the house holds the number, the text, the note, the tone or the picture',
  async t => {
    const dataDir = await temporaryFolder(t)
    const house = await openHouse({ dataDir })
    const picture = randomBytes(40_000)
    const tone = Buffer.from(Array.from({ length: 8000 }, (_, n) => Math.round(127 * Math.sin(n / 3)) & 0xff))
    const known = { from: '13912345678', agentName: 'Agent Known Name', text: 'serial KNOWN-4711-TEXT', picture, tone }
    const gone = await sealCall(house, known)
    const stays = await sealCall(house, { from: '13700000000', retentionClass: 'archive', text: 'STAYS-0815' })
    const subject = { kind: 'number', number: '+139 1234 5678' } as const
    await house.retention.addEvent(
      { subject, event: 'contract-begin', at: '2020-01-01', reference: 'KNOWN-REF-77' },
      'operator',
    )
    await house.retention.link({ callId: gone.callId, reference: 'KNOWN-LINK-88' }, house.reviewer)
    const hold = await house.retention.setHold(
      { match: { number: '13912345678' }, caseReference: 'case 1', reason: 'court' },
      house.reviewer,
    )
    await house.retention.askErasure(
      { subject: { number: '13912345678' }, requester: 'mail 5', receivedAt: '2026-01-02' },
      house.reviewer,
    )
    await house.retention.releaseHold({ holdId: hold.holdId, reason: 'settled' }, house.reviewer)
    const needles: readonly (string | Buffer)[] = [
      '13912345678',
      'Agent Known Name',
      'KNOWN-4711-TEXT',
      'KNOWN-REF-77',
      'KNOWN-LINK-88',
      picture.subarray(0, 64),
      picture.subarray(20_000, 20_064),
      tone.subarray(0, 160),
    ]
    for (const needle of needles) t.ok((await filesWith(dataDir, needle)).length > 0, 'it was there')

    const runId = await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    t.same(house.faults, [])
    t.match(
      (await house.retention.plan()).map(one => one.call.callId),
      [stays.callId],
    )
    for (const needle of needles)
      t.same(await filesWith(dataDir, needle), [], 'nothing is left while the house is open')
    t.same((await filesWith(dataDir, 'STAYS-0815')).length > 0, true, 'the other record is untouched')
    t.notOk(existsSync(gone.folder))

    const text = await readFile(join(dataDir, 'certificates', `${gone.callId}.json`), 'utf8')
    const certificate = readCertificate(text, [house.sealKey.publicKeyPem])
    t.match(certificate, {
      callId: gone.callId,
      runId,
      by: house.reviewer.id,
      decision: { because: 'period-over', classId: 'service', rule: 'call-end + P1D', policyVersion: 'test 1' },
      holds: [{ holdId: hold.holdId }],
      remaining: [],
    })
    t.ok(certificate?.holds[0]?.releasedAt, 'the history of holds')
    t.same(
      certificate?.was.files.map(file => file.sha256).sort(),
      gone.manifest.files
        .filter(({ path }) => path !== 'journal.jsonl')
        .map(file => file.sha256)
        .sort(),
      'hashes of what was sealed',
    )
    // By these the digits of a number could be tried out with a masked copy of the journal.
    const journal = gone.manifest.files.find(({ path }) => path === 'journal.jsonl')
    for (const told of [journal?.sha256 ?? '?', gone.manifest.journal.head, gone.manifest.seal.signature])
      t.notOk(text.includes(told), 'nothing over the journal, nor the signature over the manifest')
    t.same(
      certificate?.destroyed.map(one => one.what),
      ['hot-folder', 'database-rows'],
    )
    t.notOk(readCertificate(text.replace('"part":1', '"part":2')), 'a changed certificate is none')
    t.match(await house.certificates.list(), [{ callId: gone.callId, because: 'period-over', pending: 0 }])
    const log = await house.accessLog.ofCall(gone.callId)
    t.match(
      log.map(one => one.action),
      ['retention-event', 'erased'],
    )
    await house.close()
    for (const needle of needles) t.same(await filesWith(dataDir, needle), [], 'nor when it is closed')
  },
)

t.test(
  '[RT9] killed before or after any step, the next start finishes the purge, and nothing half-gone is taken for a crashed call',
  async t => {
    const child = join(import.meta.dirname, 'harness/killed-purge.ts')
    for (const step of PURGE_STEPS.slice(1))
      for (const when of ['before', 'after']) {
        const dataDir = await temporaryFolder(t)
        const { status, signal, stderr } = spawnSync(process.execPath, [child, dataDir, step, when], {
          encoding: 'utf8',
        })
        t.equal(signal, 'SIGKILL', `${step} ${when}: killed (${status}) ${stderr.slice(-500)}`)
        const callId = (await readFile(join(dataDir, 'call-id.txt'), 'utf8')) as CallId
        const house = await openHouse({ dataDir })
        const orphans = await recoverOrphans(join(dataDir, 'recordings'), house.sealKey, quietLog)
        t.same(orphans, [], 'no orphan')
        t.equal(await house.index.get(callId), undefined, 'not in the index')
        t.same((await readdir(join(dataDir, 'purges'))).length, 0, 'no plan is left')
        t.same(await filesWith(dataDir, 'KILLED-TEXT'), [], 'no text is left')
        t.same(await readdir(join(dataDir, 'certificates')), [`${callId}.json`], 'one certificate')
        t.match(await house.certificates.last(callId), { certificate: { part: 1, remaining: [] } })
        t.same(house.faults, [])
        await house.close()
      }
  },
)

t.test(
  '[RT13] somebody thought about every table that knows calls; one that was forgotten is emptied all the same',
  async t => {
    const dataDir = await temporaryFolder(t)
    const house = await openHouse({ dataDir })
    const known = await tablesWithCallId(house.db)
    t.ok(known.length >= 5, 'tables are found')
    t.same(
      known.map(one => one.name).filter(name => !(name in CALL_TABLES)),
      [],
      'add new tables to CALL_TABLES in server/store/forget-call.ts',
    )
    await house.close()
  },
)

t.test(
  '[RT16] a cold copy that a store still forbids to remove is named, and goes later with a second certificate',
  async t => {
    const dataDir = await temporaryFolder(t)
    const locked = { where: 'bucket evidence', reason: 'object lock', until: '2030-01-01T00:00:00Z' }
    let isLocked = true
    let keys = 1
    const house = await openHouse({
      dataDir,
      parts: {
        shred: async () => ({ keys: keys-- }),
        removeCold: async () =>
          isLocked
            ? { removed: [], remaining: [locked] }
            : { removed: [{ where: 'bucket evidence', count: 7 }], remaining: [] },
      },
    })
    const { callId, folder } = await sealCall(house)
    // A conversion that a crash left half-made: it would come back as the call itself.
    await mkdir(join(dirname(folder), `.${callId}.vault`))
    await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    t.match(await house.certificates.last(callId), {
      certificate: { part: 1, remaining: [locked], destroyed: [{ what: 'data-key' }, { what: 'hot-folder' }, {}] },
    })
    t.notOk(existsSync(join(dirname(folder), `.${callId}.vault`)))
    await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    t.match((await house.certificates.last(callId))?.certificate.part, 1, 'nothing changed: nothing is certified')
    const first = await house.certificates.last(callId)
    isLocked = false
    await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    t.match(await house.certificates.last(callId), {
      certificate: { part: 2, follows: first?.sha256, remaining: [], destroyed: [{ what: 'cold-copies', count: 7 }] },
    })
    t.match((await house.certificates.list()).length, 2)
    await house.close()
  },
)
