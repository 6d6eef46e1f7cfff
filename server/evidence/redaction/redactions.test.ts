import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import sharp from 'sharp'
import t from 'tap'
import { PictureCover } from '../../../media/picture/picture-cover.ts'
import { TextReader } from '../../../media/picture/text-reader.ts'
import { testMuxer } from '../../../recordings/mux/fixture.ts'
import { verifyRedaction } from '../../../recordings/redaction/redaction-manifest.ts'
import type { Redaction, RedactionItem, Suggestion } from '../../../signaling/protocol/redaction.ts'
import { until } from '../../../test/harness/until.ts'
import { reviewServer } from '../../review/harness/review-server.ts'
import { openRedaction } from './open-redaction.ts'

// Real encoders and a real reader on a busy machine.
t.setTimeout(180_000)

const ID_NUMBER = '110101199003077758'
const KEPT = 'MODEL RX 4400'
const logger = pino({ level: 'silent' })
const box = { x: 0.03, y: 0.55, width: 0.94, height: 0.25 }
const drawn = await sharp(
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="900" height="400"><rect width="900" height="400" fill="#fff"/>
    <text x="60" y="120" font-family="DejaVu Sans" font-size="54" fill="#111">${KEPT}</text>
    <text x="60" y="290" font-family="DejaVu Sans" font-size="54" fill="#111">${ID_NUMBER}</text></svg>`),
)
  .withExif({ IFD0: { Copyright: 'a secret place' } })
  .jpeg({ quality: 92 })
  .toBuffer()
const lines = [
  { text: KEPT, confidence: 95, box: { x: 0.05, y: 0.15, width: 0.6, height: 0.2 } },
  { text: ID_NUMBER, confidence: 92, box },
]

const cover = new PictureCover({ logger })
const muxer = await testMuxer(t)
const faults: unknown[] = []
let facesAsked = 0
const server = await reviewServer({
  more: async parts =>
    (
      await openRedaction({
        ...{ ...parts, muxer },
        cover: (bytes, boxes) => cover.cover(bytes, boxes),
        findFaces: async () => {
          facesAsked += 1
          return [{ box: { x: 0.1, y: 0.1, width: 0.2, height: 0.3 }, confidence: 0.9 }]
        },
        assertOpened: (context, callId) => parts.review.door.assertOpened(context, callId),
        onFault: error => faults.push(error),
      })
    ).routes,
})
t.teardown(async () => {
  await server.close()
  await cover.close()
})
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob', ['release'])
const eve = await server.reviewer('eve')
const call = await server.record({
  from: '+8613800138000',
  pictures: [{ bytes: drawn, text: `${KEPT}\n${ID_NUMBER}`, lines }],
})
const at = `/calls/${call.callId}`
const logged = async () =>
  (await server.accessLog.search({ callId: call.callId, limit: 100 })).entries.map(one => one.action as string)

t.test('[RX7] [RX11] a number with its check digit is suggested; faces only when asked', async t => {
  await t.rejects(ann.post(`${at}/redactions/suggest`, {}), { code: 'forbidden' }, 'not before the record is open')
  await ann.post(`${at}/open`, { reason: 'a third person asked' })
  const { suggestions } = await ann.post<{ suggestions: Suggestion[] }>(`${at}/redactions/suggest`, {})
  t.equal(suggestions.length, 1)
  t.match(suggestions[0], {
    kind: 'id-number',
    because: ['check-digit', 'region', 'date'],
    shown: '11▇▇▇▇▇▇▇▇▇▇▇▇▇▇58',
  })
  t.match(suggestions[0]?.items, [{ kind: 'text' }, { kind: 'picture-region', boxes: [box] }])
  t.ok((suggestions[0]?.confidence ?? 0) > 0.9)
  t.equal(facesAsked, 0)
  const more = await ann.post<{ suggestions: Suggestion[] }>(`${at}/redactions/suggest`, { faces: true })
  t.equal(more.suggestions.filter(one => one.kind === 'face').length, 1)
  t.equal((await logged())[0], 'redaction-suggested')
  t.same((await ann.get<{ redactions: [] }>(`${at}/redactions`)).redactions, [], 'nothing is covered by it')
})

let redaction: Redaction
t.test('[RX8] drafts have versions; nobody saves over a colleague', async t => {
  const { suggestions } = await ann.post<{ suggestions: Suggestion[] }>(`${at}/redactions/suggest`, {})
  const items = suggestions.flatMap(one => one.items) as RedactionItem[]
  redaction = await ann.post<Redaction>(`${at}/redactions`, { title: 'for the court', items: items.slice(0, 1) })
  const below = `/redactions/${redaction.redactionId}`
  const second = await ann.post<Redaction>(`${below}/versions`, { basedOn: 1, items })
  t.equal(second.version.version, 2)
  await t.rejects(ann.post(`${below}/versions`, { basedOn: 1, items }), { code: 'conflict' })
  const { versions } = await ann.get<{ versions: unknown[] }>(`${below}/versions`)
  t.match(versions, [{ version: 1, by: { name: 'ann' } }, { version: 2 }], 'the first is still there')
  await t.rejects(eve.post(`${below}/apply`), { code: 'forbidden' }, 'who has not opened the record does nothing')
  await t.rejects(ann.post(`${at}/redactions`, { title: 'x', items: [{ ...items[0], ranges: [[4, 2]] }] }), {
    code: 'bad-request',
  })
})

t.test('[RX5] [RX6] [RX9] the copy: its picture is not read where it is covered, its manifest verifies', async t => {
  const files = await server.archives.files(call.callId)
  const evidence = async () => {
    const all = (await files.list()).filter(one => !one.path.startsWith('derived/'))
    return Promise.all(all.map(async one => [one.path, sha(await files.read(one.path))]))
  }
  const before = await evidence()
  const below = `/redactions/${redaction.redactionId}`
  t.equal((await ann.post<Redaction>(`${below}/apply`)).state, 'applying')
  const done = await until(
    'the copy is made',
    async () => {
      const now = (await ann.get<{ redactions: Redaction[] }>(`${at}/redactions`)).redactions[0]
      return now?.state === 'applying' ? undefined : now
    },
    { timeoutMs: 90_000 },
  )
  t.same(faults, [])
  t.equal(done?.state, 'applied')
  const path = done?.applied?.files.find(one => one.path.endsWith('.png'))?.path ?? ''
  const covered = await files.read(path)
  t.notOk(covered.includes('a secret place') || (await sharp(covered).metadata()).exif, 'no metadata')

  const reader = await TextReader.create({ processes: 1, logger })
  t.teardown(() => reader.close())
  const read = async (bytes: Buffer) => (await reader.read(bytes)).text.replace(/\s/g, '')
  const [was, is] = [await read(drawn), await read(covered)]
  t.ok(was.includes(ID_NUMBER), `the reader reads it in the original: ${was}`)
  t.notMatch(is, /\d{6}/, `and not in the copy: ${is}`)
  t.match(is, /4400/, 'what is not covered is still read')
  const raw = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const [a, b] = [await raw(drawn), await raw(covered)]
  let differs = 0
  for (let y = 0; y < a.info.height; y++)
    for (let x = 0; x < a.info.width; x++) {
      const inside = Math.abs(y / a.info.height - 0.675) < 0.15
      if (!inside && a.data[(y * a.info.width + x) * 3] !== b.data[(y * a.info.width + x) * 3]) differs += 1
    }
  t.equal(differs, 0, 'outside the box no pixel changed')

  const journal = (await files.read(`derived/redactions/${redaction.redactionId}/journal-redacted.json`)).toString()
  for (const secret of [ID_NUMBER, '13800138000', '138000']) t.notOk(journal.includes(secret), secret)
  t.ok(journal.includes(KEPT))
  t.same(await evidence(), before, 'no byte of the record changed')
  t.ok((await server.archives.verify(call.callId)).intact)

  const { redactionId } = redaction
  const trusted = [server.key.publicKeyPem]
  t.same(await verifyRedaction(files, redactionId, trusted), [])
  const onDisk = join(call.folder, path)
  const bytes = await readFile(onDisk)
  const flipped = Buffer.from(bytes)
  flipped[100] = (flipped[100] ?? 0) ^ 1
  await writeFile(onDisk, flipped)
  t.same(await verifyRedaction(files, redactionId, trusted), [{ kind: 'file-changed', file: path }])
  await writeFile(onDisk, bytes)
  await t.rejects(ann.post(`${below}/apply`), { code: 'conflict' }, 'what was applied stays')
  await t.rejects(ann.post(`${below}/versions`, { basedOn: 2, items: done?.version.items }), { code: 'conflict' })
})

t.test('[RX10] [RX11] another person releases it; only then others get it', async t => {
  const below = `/redactions/${redaction.redactionId}`
  t.equal((await eve.fetch(`${below}/files/manifest.json`)).status, 403)
  await ann.post(`${below}/release/ask`, { reason: 'letter of the court' })
  await t.rejects(ann.post(`${below}/release/agree`, { reason: 'fine' }), { code: 'forbidden' }, 'no right')
  await t.rejects(bob.post(`${below}/release/agree`, { reason: 'fine' }), { code: 'forbidden' }, 'not opened')
  await bob.post(`${at}/open`, { reason: 'to answer a release' })
  const released = await bob.post<Redaction>(`${below}/release/agree`, { reason: 'seen, nothing left' })
  t.match(released.release, { state: 'released', askedBy: { name: 'ann' }, answeredBy: { name: 'bob' } })
  const answer = await eve.fetch(`${below}/files/release.json`)
  t.equal(answer.status, 200)
  t.match(await answer.json(), { releasedBy: { name: 'bob' }, reason: 'letter of the court' })
  const text = await (await eve.fetch(`${below}/files/manifest.json`)).text()
  t.ok(text.includes(redaction.redactionId))
  const { journal, seal } = call.manifest
  for (const secret of [
    seal.signature,
    journal.head,
    call.manifest.files.find(one => one.path === journal.file)?.sha256,
  ])
    t.notOk(secret === undefined || text.includes(secret), 'nothing by which covered words could be tried out')
  const files = await server.archives.files(call.callId)
  t.same(await verifyRedaction(files, redaction.redactionId, [server.key.publicKeyPem]), [])
  const actions = await logged()
  for (const action of ['redaction-drafted', 'redacted', 'redaction-release-asked', 'redaction-released', 'file'])
    t.ok(actions.includes(action), action)
  server.restricted.add(call.callId)
  await t.rejects(
    eve.get(`${below}/files/release.json`),
    { code: 'not-found' },
    'a restricted record gives nothing out',
  )
  await t.rejects(ann.post(`${at}/redactions/suggest`, {}), { code: 'not-found' })
  server.restricted.delete(call.callId)
})

t.test('[RX5] what cannot be covered as planned leaves nothing', async t => {
  const items = [{ kind: 'text', itemId: 'a', reason: 'x', seq: 9999, path: 'result.text', ranges: [[0, 2]] }]
  const { redactionId } = await ann.post<Redaction>(`${at}/redactions`, { title: 'wrong', items })
  await ann.post(`/redactions/${redactionId}/apply`)
  const done = await until(
    'it failed',
    async () => {
      const { redactions } = await ann.get<{ redactions: Redaction[] }>(`${at}/redactions`)
      return redactions.find(one => one.redactionId === redactionId && one.state !== 'applying')
    },
    { timeoutMs: 60_000 },
  )
  t.match(done, { state: 'failed', failure: 'failed' })
  const left = (await (await server.archives.files(call.callId)).list()).filter(one => one.path.includes(redactionId))
  t.same(left, [])
})

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
