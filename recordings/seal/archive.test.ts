import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import { answeredCall, talk, temporaryFolder } from '../fixture.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { readRtpJournal } from '../tracks/read-rtp-journal.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { SealKey } from './seal-key.ts'
import { verifyArchive } from './verify-archive.ts'

async function sealedCall(t: Parameters<typeof answeredCall>[0], packets = 250) {
  const call = await answeredCall(t)
  call.answer()
  talk(call, packets)
  await call.archive.addFile('pages/page_1.webp', Buffer.from('picture'))
  const manifest = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  return { ...call, folder: call.archive.folder, manifest }
}
function flip(path: string, offset: number): void {
  const bytes = readFileSync(path)
  const at = offset < 0 ? bytes.length + offset : offset
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

t.test('[RE1] a sealed call holds every packet, verifies as intact, and its manifest says what is there', async t => {
  const { folder, manifest, key, flusher } = await sealedCall(t)
  const verdict = await verifyArchive(new PlainCallFiles(folder), { trustedKeys: [key.publicKeyPem] })
  t.strictSame(verdict.problems, [])
  t.ok(verdict.intact)
  t.equal(verdict.filesChecked, 4)
  t.strictSame(
    manifest.files.map(file => file.path),
    ['journal.jsonl', 'pages/page_1.webp', 'tracks/agent-voice-1.rtpj', 'tracks/caller-voice-1.rtpj'],
  )
  t.strictSame(manifest.remarks, [])
  t.equal(manifest.durationMs, 5000)
  for (const track of manifest.tracks) t.match(track, { packets: 250, packetsReceived: 250, gaps: [], startsAtMs: 20 })
  const records = []
  for await (const record of await readRtpJournal(join(folder, 'tracks/caller-voice-1.rtpj'))) records.push(record.kind)
  t.equal(records.filter(kind => kind === 'rtp').length, 250)
  t.ok(records.filter(kind => kind === 'checkpoint').length >= 5, 'about one checkpoint a second')
  t.equal(records.at(-1), 'checkpoint', 'the last checkpoint covers everything')
  t.equal(flusher.size, 0, 'no timer is left')
  t.throws(() => statSync(join(folder, 'call.lock')), 'the lock is gone')
})

t.test('[RE2] the journal is a chain: answered, tracks opened and closed, ended', async t => {
  const { folder, manifest } = await sealedCall(t)
  const journal = await readCallJournal(join(folder, 'journal.jsonl'))
  t.equal(journal.firstBad, undefined)
  t.equal(journal.head, manifest.journal.head)
  t.strictSame(
    journal.entries.map(entry => entry.type),
    ['call.answered', 'track.opened', 'track.opened', 'track.closed', 'track.closed', 'call.ended'],
  )
})

t.test('[RE3] one flipped byte anywhere in any file is noticed and the file named', async t => {
  const { folder, manifest } = await sealedCall(t, 60)
  for (const { path, bytes } of manifest.files) {
    for (const offset of [0, 9, Math.floor(bytes / 3), Math.floor(bytes / 2), bytes - 1]) {
      if (offset >= bytes) continue
      flip(join(folder, path), offset)
      const verdict = await verifyArchive(new PlainCallFiles(folder))
      t.match(verdict.problems[0], { kind: 'file-changed', file: path }, `${path} byte ${offset}`)
      flip(join(folder, path), offset)
    }
  }
  const manifestBytes = statSync(join(folder, 'manifest.json')).size
  for (let offset = 0; offset < manifestBytes; offset += 7) {
    flip(join(folder, 'manifest.json'), offset)
    const verdict = await verifyArchive(new PlainCallFiles(folder))
    if (verdict.intact) t.fail(`manifest.json byte ${offset} changed unseen`)
    flip(join(folder, 'manifest.json'), offset)
  }
  t.ok((await verifyArchive(new PlainCallFiles(folder))).intact, 'and all is well again')
})

t.test('[RE4] a change in a track is narrowed down to the bytes between two checkpoints', async t => {
  const { folder } = await sealedCall(t, 500)
  const file = 'tracks/caller-voice-1.rtpj'
  const bytes = statSync(join(folder, file)).size
  for (let offset = 400; offset < bytes; offset += 1371) {
    flip(join(folder, file), offset)
    const range = (await verifyArchive(new PlainCallFiles(folder))).problems.find(
      problem => problem.kind === 'track-checkpoint-wrong',
    )
    if (range?.kind !== 'track-checkpoint-wrong') throw new Error(`byte ${offset}: no range`)
    t.ok(range.fromByte <= offset && offset < range.toByte, `byte ${offset} is in ${range.fromByte}..${range.toByte}`)
    t.ok(range.toByte - range.fromByte < 2.2 * 50 * 182, 'about a second of voice')
    flip(join(folder, file), offset)
  }
})

t.test('[RE5] the altered journal entry is named', async t => {
  const { folder } = await sealedCall(t)
  const path = join(folder, 'journal.jsonl')
  const original = readFileSync(path, 'utf8')
  const lines = original.split('\n')
  for (const index of [0, 2, 5]) {
    const altered = lines.with(index, (lines[index] ?? '').replace(/("atMs":\d*)\d/, '$19'))
    t.not(altered[index], lines[index])
    writeFileSync(path, altered.join('\n'))
    t.match(
      (await verifyArchive(new PlainCallFiles(folder))).problems[1],
      { kind: 'journal-chain-broken', entry: index },
      `entry ${index}`,
    )
  }
  writeFileSync(path, original)
})

t.test('[RE6] missing, added and cut files are noticed', async t => {
  const { folder, root } = await sealedCall(t)
  const track = join(folder, 'tracks/agent-voice-1.rtpj')
  renameSync(track, join(root, 'aside'))
  t.match((await verifyArchive(new PlainCallFiles(folder))).problems, [
    { kind: 'file-missing', file: 'tracks/agent-voice-1.rtpj' },
  ])
  renameSync(join(root, 'aside'), track)
  writeFileSync(join(folder, 'pages/extra.txt'), '')
  t.match((await verifyArchive(new PlainCallFiles(folder))).problems, [{ kind: 'file-added', file: 'pages/extra.txt' }])
  rmSync(join(folder, 'pages/extra.txt'))
  const size = statSync(track).size
  truncateSync(track, size - 100)
  const { problems } = await verifyArchive(new PlainCallFiles(folder))
  t.match(problems[0], { kind: 'file-size', file: 'tracks/agent-voice-1.rtpj' })
  t.match(problems[1], { kind: 'tail-removed', fromByte: size - 100, missingBytes: 100 })
})

t.test('[RE7] derivatives may come and go without touching the seal', async t => {
  const { folder } = await sealedCall(t)
  await mkdir(join(folder, 'derived'))
  writeFileSync(join(folder, 'derived/replay.webm'), 'x')
  t.ok((await verifyArchive(new PlainCallFiles(folder))).intact)
})

t.test('[RE8] a manifest signed anew by another key is refused when the trusted keys are given', async t => {
  const { folder, key, manifest, root } = await sealedCall(t)
  const stranger = await SealKey.loadOrCreate(join(root, 'stranger'))
  t.match((await verifyArchive(new PlainCallFiles(folder), { trustedKeys: [stranger.publicKeyPem] })).problems, [
    { kind: 'unknown-key' },
  ])
  const forged = { ...manifest, from: '9999' }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(forged))
  t.match((await verifyArchive(new PlainCallFiles(folder))).problems, [{ kind: 'manifest-unreadable' }])
  rmSync(join(folder, 'manifest.json'))
  t.match((await verifyArchive(new PlainCallFiles(folder), { trustedKeys: [key.publicKeyPem] })).problems, [
    { kind: 'manifest-missing' },
  ])
})

t.test('[RE9] the key is private to its owner and stays the same', async t => {
  const root = await temporaryFolder(t)
  const first = await SealKey.loadOrCreate(root)
  t.equal(statSync(join(root, 'seal-key.pem')).mode & 0o777, 0o600)
  t.equal((await SealKey.loadOrCreate(root)).keyId, first.keyId)
  t.match(first.keyId, /^[0-9a-f]{16}$/)
})

t.test('[RE10] members that the schema does not know do not break the seal', async t => {
  const call = await answeredCall(t)
  call.answer()
  const facts = { ...call.facts, agent: { ...call.facts.agent, role: 'agent' } }
  const sealed = await call.archive.seal({ end: { cause: 'agent-hung-up' }, facts, key: call.key })
  t.ok(SealedManifest.safeParse(sealed).success)
  t.ok((await verifyArchive(new PlainCallFiles(call.archive.folder))).intact)
  t.same(sealed.findings, [], 'no voice was to be recorded, so none is missing')
})

t.test('[RE11] an unanswered call leaves nothing', async t => {
  const call = await answeredCall(t)
  talk(call, 5)
  await call.archive.discard()
  t.throws(() => statSync(call.archive.folder))
  t.equal(call.flusher.size, 0)
})
