import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import type { CallPage, OpenedRecord, Unmasked, Verification } from '../../signaling/protocol/review.ts'
import { until } from '../../test/harness/until.ts'
import { reviewServer } from './harness/review-server.ts'

t.setTimeout(60_000)
const server = await reviewServer()
t.teardown(() => server.close())
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob')
const call = await server.record({ from: '13800138000', pictures: ['序列号 A1'] })
const at = `/calls/${call.callId}`
const picture = call.manifest.files.find(file => file.path.startsWith('pictures/'))?.path ?? ''
const logged = async () =>
  (await server.accessLog.search({ callId: call.callId, limit: 100 })).entries.map(one => [one.action, one.detail])

t.test('[RW2] nothing of a record is shown before a reason stands in the access log', async t => {
  for (const path of [`/files/${picture}`, '/originals', '/verification', '/files/derived/replay.webm'])
    t.equal((await ann.fetch(at + path)).status, 403, path)
  for (const action of ['verify', 'seeks', 'unmask', 'prints'])
    await t.rejects(ann.post(`${at}/${action}`, ACTIONS[action]), { code: 'forbidden' }, action)
  await t.rejects(ann.post(`${at}/open`, { reason: ' x ' }), { code: 'bad-request' })
  await ann.post(`${at}/open`, { reason: 'complaint 17' })
  t.match(await logged(), [['open', 'complaint 17']])
  t.equal((await bob.fetch(`${at}/files/${picture}`)).status, 403, 'a reason counts for the person who gave it')
})
const ACTIONS: Record<string, object> = {
  verify: {},
  seeks: { spans: [{ fromMs: 0, toMs: 1 }] },
  unmask: { reason: 'to call back' },
  prints: { what: 'record', detail: '' },
}

t.test('[RW20] an opened record is whole but for the number; unmasking needs a reason of its own', async t => {
  const opened = await ann.post<OpenedRecord>(`${at}/open`, { reason: 'complaint 17' })
  t.equal(opened.record.from, '•••••••8000')
  t.notMatch(JSON.stringify({ ...opened, access: [] }), '13800138000')
  t.equal(opened.entries.length, call.manifest.journal.entries)
  t.match(opened.watermark.lines, ['ann', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/, call.callId])
  t.same(await ann.post<Unmasked>(`${at}/unmask`, { reason: 'to call back' }), {
    from: '13800138000',
    to: '4008001234',
  })
  t.match((await logged())[0], ['unmasked', 'to call back'])
})

t.test('[RW25] nothing that is shown of a record lets the masked digits be tried out', async t => {
  const { journal, seal, files } = call.manifest
  const sum = files.find(file => file.path === journal.file)?.sha256 ?? ''
  const kept = await server.archives.files(call.callId)
  const text = (await kept.read(journal.file)).toString()
  const chain = [...text.matchAll(/"prev":"([0-9a-f]{64})"/g)]
    .map(([, prev = '']) => prev)
    .filter(one => !/^0+$/.test(one))
  t.equal(chain.length, journal.entries - 1)
  const opened = await ann.post<OpenedRecord>(`${at}/open`, { reason: 'complaint 17' })
  const shown = JSON.stringify(opened)
  for (const secret of [...chain, journal.head, sum, seal.signature]) t.notOk(shown.includes(secret), secret)
  t.ok(
    opened.record.files.every(file => file.path === journal.file || /^[0-9a-f]{64}$/.test(file.sha256)),
    'other files keep their hash',
  )
  t.equal(opened.record.seal.keyId, seal.keyId)
  await until('the verdict', async () => (await ann.get<Verification>(`${at}/verification`)).verdict?.intact)
  // What was made of the record says from what: the signature of the seal, hashes of the originals, the head of the journal.
  await kept.put('derived/manifest.json', [Buffer.from(JSON.stringify({ sealSignature: seal.signature }))])
  await kept.put('derived/quality/1.json', [Buffer.from(JSON.stringify({ journalHead: journal.head }))])
  await kept.put('derived/spans.json', [Buffer.from('{}')])
  for (const path of ['derived/manifest.json', 'derived/quality/1.json'])
    t.equal((await ann.fetch(`${at}/files/${path}`)).status, 403, path)
  t.equal((await ann.fetch(`${at}/files/derived/spans.json`)).status, 200)
})

t.test('[RW21] what was played, printed and given in ranges stands in the access log', async t => {
  const files = await server.archives.files(call.callId)
  await files.put('derived/replay.webm', [Buffer.alloc(5000, 1)])
  await ann.post(`${at}/seeks`, {
    spans: [
      { fromMs: 4000, toMs: 9000.4 },
      { fromMs: 0, toMs: 1500, speed: 2 },
      { fromMs: 1000, toMs: 2000 },
    ],
  })
  t.match((await logged())[0], ['seek', '0-2000 4000-9000'])
  await ann.post(`${at}/prints`, { what: 'record', detail: 'page 1' })
  t.match((await logged())[0], ['print', 'record page 1'])
  for (const range of ['bytes=0-99', 'bytes=100-199', 'bytes=4000-']) {
    const answer = await ann.fetch(`${at}/files/derived/replay.webm`, { range })
    t.equal(answer.status, 206)
    await answer.arrayBuffer()
  }
  t.match((await logged())[0], ['file', 'derived/replay.webm'])
})

t.test('[RW3] a file is read only inside its record, and an original not at all without a release', async t => {
  for (const path of ['journal.jsonl', 'manifest.json', 'tracks/caller-voice-1.rtpj'])
    t.equal((await ann.fetch(`${at}/files/${path}`)).status, 403, path)
  for (const path of [
    '..%2f..%2fkeys/seal-key.pem',
    'derived/..%2fjournal.jsonl',
    '.lock',
    'derived/none.webm',
    'call.lock',
  ])
    t.equal((await ann.fetch(`${at}/files/${path}`)).status, 404, path)
})

t.test(
  '[RW31] pictures are shown with the watermark, as large or small as asked for; the original is not given',
  async t => {
    const answer = await ann.fetch(`${at}/files/${picture}`)
    const shown = Buffer.from(await answer.arrayBuffer())
    const original = await readFile(join(call.folder, picture))
    t.not(createHash('sha256').update(shown).digest('hex'), createHash('sha256').update(original).digest('hex'))
    const [a, b] = await Promise.all([shown, original].map(bytes => sharp(bytes).greyscale().raw().toBuffer()))
    const changed = a?.filter((value, n) => Math.abs(value - (b?.[n] ?? 0)) > 20).length ?? 0
    t.ok(changed > (a?.length ?? 0) * 0.01, `${changed} of ${a?.length} pixels carry the text`)
    const thumb = Buffer.from(await (await ann.fetch(`${at}/files/${picture}?widthPx=100`)).arrayBuffer())
    t.equal((await sharp(thumb).metadata()).width, 100)
    t.equal((await ann.fetch(`${at}/files/${picture}?widthPx=9`)).status, 400)
  },
)

t.test('[RW22] every byte is checked at each opening; the verdict says when', async t => {
  const first = await ann.post<OpenedRecord>(`${at}/open`, { reason: 'complaint 17' })
  t.match(first.verification, { state: 'done', verdict: { intact: true } })
  t.match(first.verdict, { intact: true })
  const track = join(call.folder, 'tracks/caller-voice-1.rtpj')
  const bytes = await readFile(track)
  bytes[3000] = (bytes[3000] ?? 0) ^ 1
  await writeFile(track, bytes)
  const verdict = await ann.post<ArchiveVerdict>(`${at}/verify`)
  t.match(verdict, { intact: false, problems: [{ file: 'tracks/caller-voice-1.rtpj' }] })
  const again = await bob.post<OpenedRecord>(`${at}/open`, { reason: 'second look' })
  t.match(again.verdict, { intact: false })
  t.same(
    (await ann.get<CallPage>('/calls?flags=verification-problem')).calls.map(one => one.callId),
    [call.callId],
  )
  bytes[3000] = (bytes[3000] ?? 0) ^ 1
  await writeFile(track, bytes)
  await ann.post(`${at}/open`, { reason: 'third look' })
  await until(
    'the flag to go',
    async () => (await ann.get<CallPage>('/calls?flags=verification-problem')).calls.length === 0,
  )
  const state = await ann.get<Verification>(`${at}/verification`)
  t.match(state, { state: 'done', verdict: { intact: true } })
  t.ok(state.bytesTotal > 0 && state.bytesChecked >= state.bytesTotal * 0.5)
})

t.test('[RW23] a record whose processing is restricted is not shown, not even to those who have it open', async t => {
  server.restricted.add(call.callId)
  await t.rejects(ann.post(`${at}/open`, { reason: 'complaint 17' }), { code: 'not-found' })
  t.equal((await ann.fetch(`${at}/files/${picture}`)).status, 404)
  t.equal((await ann.fetch(`${at}/files/derived/replay.webm`)).status, 404)
  server.restricted.delete(call.callId)
  t.equal((await ann.fetch(`${at}/files/${picture}`)).status, 200)
})

t.test('[RW24] a reason counts over a restart of the server; gathered ranges are written before it closes', async t => {
  const one = await reviewServer()
  const { callId } = await one.record()
  const first = await one.reviewer('ann')
  await first.post(`/calls/${callId}/open`, { reason: 'complaint 18' })
  await (await one.archives.files(callId)).put('derived/replay.webm', [Buffer.alloc(5000, 1)])
  for (const range of ['bytes=1000-1999', 'bytes=2000-2999', 'bytes=4500-'])
    await (await first.fetch(`/calls/${callId}/files/derived/replay.webm`, { range })).arrayBuffer()
  await one.close(true)
  const two = await reviewServer({ dataDir: one.dataDir })
  t.teardown(() => two.close())
  const same = two.withToken(first)
  t.equal((await same.fetch(`/calls/${callId}/verification`)).status, 200)
  const { entries } = await two.accessLog.search({ callId, action: 'view', limit: 10 })
  t.match(entries, [{ detail: 'derived/replay.webm bytes 1000-2999 4500-4999' }])
})
