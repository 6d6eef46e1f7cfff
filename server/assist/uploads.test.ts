import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { pdfFixture } from '../../media/picture/pdf-fixture.ts'
import type { UploadId } from '../../signaling/protocol/ids.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { jsonOf, SimulatedCall } from '../../test/harness/simulated-call.ts'
import { until } from '../../test/harness/until.ts'
import { IncomingFile } from './incoming-file.ts'
import { displayName } from './uploads.ts'

t.setTimeout(120_000)

const noisy = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 50 } },
  })
const server = await InnerServer.start()
const camera = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#333' } })
  .png()
  .toBuffer()
const call = await SimulatedCall.start(server, camera)
let closed = false
t.teardown(async () => {
  if (!closed) call.close()
  await server.close()
})

const begin = (o: object) => call.http('POST', '/uploads', { body: o })
const begun = async (o: object) =>
  jsonOf<{ uploadId: UploadId; chunkBytes: number; receivedBytes: number }>(await begin(o))
const chunk = (id: UploadId, offset: number, body: Buffer, type = 'application/octet-stream') =>
  call.http('POST', `/uploads/${id}?offset=${offset}`, { body, headers: { 'content-type': type } })
/** A file of which the first chunk is all that ever comes. */
const half = { name: 'half.jpg', type: 'image/jpeg', sizeBytes: 200, lastModifiedMs: 1 }
const unfinished = () => readdir(join(server.dataDir, 'uploads', call.callId)).catch((): string[] => [])

t.test('[PIC20] a photo in chunks becomes a page, freed of its place; the temporary file goes', async t => {
  const photo = await noisy(1200, 900)
    .withExif({ IFD0: { Make: 'Secretcam' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '39/1 54/1 0/1' } })
    .jpeg({ quality: 95 })
    .toBuffer()
  const { uploadId, chunkBytes, receivedBytes } = await begun({
    name: '../IMG_1.JPG',
    type: 'image/jpeg',
    sizeBytes: photo.length,
  })
  t.equal(receivedBytes, 0)
  t.ok(photo.length > 2 * chunkBytes, 'more than two chunks')
  let pageId: string | undefined
  for (let at = 0; at < photo.length; at += chunkBytes) {
    const answer = await chunk(uploadId, at, photo.subarray(at, at + chunkBytes))
    t.equal(answer.status, 200)
    const state = jsonOf<{ receivedBytes: number; pageId?: string }>(answer)
    t.equal(state.receivedBytes, Math.min(photo.length, at + chunkBytes))
    pageId = state.pageId
  }
  const added = await call.told('page.added', entry => entry.page.id === pageId)
  t.match(added.page, { kind: 'upload', name: 'IMG_1.JPG', picture: { source: 'caller-file', widthPx: 1200 } })
  t.notOk(
    call.entries.some(entry => entry.type === 'stage.page'),
    'the agent puts it on the stage, nobody else',
  )
  const shown = await call.http('GET', `/pictures/${pageId}`, { as: 'agent' })
  t.notMatch(shown.body.toString('latin1'), /Secretcam|Exif/)
  t.same(await unfinished(), [])
  t.match(await call.told('upload.begun', entry => entry.uploadId === uploadId), { sizeBytes: photo.length })
})

t.test(
  '[PIC21] an upload goes on where it broke off: wrong offsets are told the right one, a reload finds it again',
  async t => {
    const photo = await noisy(600, 600).jpeg({ quality: 95 }).toBuffer()
    const half = Math.floor(photo.length / 2)
    const facts = { name: 'IMG_2.HEIC', type: '', sizeBytes: photo.length, lastModifiedMs: 1_700_000_000_000 }
    const { uploadId } = await begun(facts)
    t.equal((await chunk(uploadId, 0, photo.subarray(0, half))).status, 200)
    const again = await chunk(uploadId, 0, photo.subarray(0, half))
    t.same([again.status, jsonOf(again).receivedBytes], [409, half], 'a repeated chunk')
    const ahead = await chunk(uploadId, half + 10, photo.subarray(half + 10))
    t.same([ahead.status, jsonOf(ahead).receivedBytes], [409, half], 'a gap')
    t.same(jsonOf(await call.http('GET', `/uploads/${uploadId}`)), { receivedBytes: half })
    t.match(await begun(facts), { uploadId, receivedBytes: half }, 'the same file, picked again after a reload')
    t.not((await begun({ ...facts, lastModifiedMs: 5 })).uploadId, uploadId, 'another file of that name')
    const both = await Promise.all([
      chunk(uploadId, half, photo.subarray(half)),
      chunk(uploadId, half, photo.subarray(half)),
    ])
    t.same(both.map(answer => answer.status).sort(), [200, 409], 'twice at once: one is taken')
    const { pageId, receivedBytes } = jsonOf<{ pageId: string; receivedBytes: number }>(
      await call.http('GET', `/uploads/${uploadId}`),
    )
    t.equal(receivedBytes, photo.length)
    await call.told('page.added', entry => entry.page.id === pageId)
  },
)

t.test('[PIC22] several files at once come in side by side', async t => {
  const photos = await Promise.all([300, 400, 500].map(side => noisy(side, side).png().toBuffer()))
  const ids = await Promise.all(
    photos.map(
      async (photo, index) =>
        (await begun({ name: `${index}.png`, type: 'image/png', sizeBytes: photo.length })).uploadId,
    ),
  )
  await Promise.all(
    photos.map(async (photo, index) => {
      for (let at = 0; at < photo.length; at += 50_000) {
        const answer = await chunk(ids[index] as UploadId, at, photo.subarray(at, at + 50_000), 'image/png')
        t.equal(answer.status, 200)
      }
    }),
  )
  for (const [index, side] of [300, 400, 500].entries()) {
    const added = await call.told(
      'page.added',
      entry => entry.page.kind === 'upload' && entry.page.name === `${index}.png`,
    )
    t.match(added.page, { picture: { widthPx: side, type: 'image/png' } })
  }
})

t.test(
  '[PIC23] a PDF is kept as it came; what is neither picture nor PDF is refused and told in the record',
  async t => {
    const pdf = pdfFixture([{ words: 'BILL', rgb: [1, 0, 0] }])
    const { uploadId } = await begun({ name: 'bill.pdf', type: 'application/pdf', sizeBytes: pdf.length })
    t.equal((await chunk(uploadId, 0, pdf, 'application/pdf')).status, 200)
    const received = await call.told('file.received')
    t.match(received, { name: 'bill.pdf', mimeType: 'application/pdf', by: call.phone.session.participantId })
    const documents = await call.http('GET', '/documents', { as: 'agent' })
    t.match(jsonOf(documents), { documents: [{ name: 'bill.pdf', pages: 1 }] }, 'the agent can show its pages')
    const noPdf = Buffer.from('%PDF-1.4 and nothing else')
    const { uploadId: damaged } = await begun({ name: 'x.pdf', type: 'application/pdf', sizeBytes: noPdf.length })
    const unreadable = await chunk(damaged, 0, noPdf, 'application/pdf')
    t.same([unreadable.status, jsonOf(unreadable).reason], [400, 'broken'])

    const film = await begin({ name: 'a.mp4', type: 'video/mp4', sizeBytes: 10 })
    t.same([film.status, jsonOf(film).reason], [415, 'unknown-type'])
    const large = await begin({ name: 'a.jpg', type: 'image/jpeg', sizeBytes: 30 * 1024 * 1024 })
    t.same([large.status, jsonOf(large).reason], [413, 'too-large'])
    const { uploadId: program } = await begun({ name: 'a.jpg', type: 'image/jpeg', sizeBytes: 500 })
    const answer = await chunk(program, 0, Buffer.alloc(500, 'MZ'), 'image/jpeg')
    t.same([answer.status, jsonOf(answer).reason], [415, 'unknown-type'], 'told by the first bytes')
    t.equal((await chunk(program, 500, Buffer.alloc(5))).status, 410)
    const { uploadId: cut } = await begun({ name: 'b.jpg', type: 'image/jpeg', sizeBytes: 400 })
    const broken = await chunk(cut, 0, Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(396)]))
    t.same([broken.status, jsonOf(broken).reason], [422, 'undecodable'])
    const { uploadId: longer } = await begun({ name: 'c.jpg', type: 'image/jpeg', sizeBytes: 100 })
    t.equal((await chunk(longer, 0, Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(200)]))).status, 413)
    await until(
      'all refusals in the record',
      () => call.entries.filter(entry => entry.type === 'upload.refused').length === 6,
    )
    t.same(
      call.entries.flatMap(entry => (entry.type === 'upload.refused' ? [entry.reason] : [])),
      ['broken', 'unknown-type', 'too-large', 'unknown-type', 'undecodable', 'too-large'],
    )
    t.equal(jsonOf(await call.http('GET', `/uploads/${program}`)).refused, 'unknown-type')
  },
)

t.test('[PIC24] uploads belong to the seated caller; chunks have a bound', async t => {
  const { uploadId } = await begun({ name: 'd.jpg', type: 'image/jpeg', sizeBytes: 5_000_000 })
  const headers = { 'content-type': 'image/jpeg' }
  const path = `/uploads/${uploadId}?offset=0`
  t.equal((await call.http('POST', path, { as: 'agent', body: Buffer.alloc(10), headers })).status, 403)
  t.equal((await call.http('GET', `/uploads/${uploadId}`, { as: 'nobody' })).status, 403)
  t.equal((await call.http('POST', path, { body: Buffer.alloc(1024 * 1024 + 1), headers })).status, 413)
  t.equal((await call.http('POST', `/uploads/${uploadId}?offset=-1`, { body: Buffer.alloc(9), headers })).status, 400)
  t.equal((await call.http('GET', `/uploads/up_${'0'.repeat(20)}`)).status, 404)
  await begun(half)
  const many = await Promise.all(
    Array.from({ length: 14 }, (_, index) => begin({ name: `${index}`, type: 'image/jpeg', sizeBytes: 100 })),
  )
  t.ok(many.some(answer => answer.status === 429 && jsonOf(answer).reason === 'too-many-open'))
})

t.test('[PIC25] with the call its unfinished uploads go; the sealed record holds every picture', async t => {
  const { uploadId } = await begun(half)
  t.equal((await chunk(uploadId, 0, Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(97)]))).status, 200)
  t.same(await unfinished(), [uploadId])
  await call.agent.hangUp()
  const folder = await server.sealedArchive()
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { files: { path: string }[] }
  const kept = new Set(manifest.files.map(file => file.path))
  for (const entry of call.entries) {
    if (entry.type === 'page.added' && entry.page.kind !== 'card') t.ok(kept.has(entry.page.picture.file))
    if (entry.type === 'file.received') t.ok(kept.has(entry.file))
  }
  t.notOk([...kept].some(path => path.startsWith('uploads')))
  await until(
    'the folder of unfinished uploads to go',
    async () => (await readdir(join(server.dataDir, 'uploads')).catch((): string[] => [])).length === 0,
  )
  closed = true
  call.close()
})

t.test('[PIC26] names are shown without folders and without letters that deceive', t => {
  t.equal(displayName('C:\\Users\\me\\照片 1.jpg'), '照片 1.jpg')
  t.equal(displayName('/etc/passwd'), 'passwd')
  t.equal(displayName('a\u202egpj.exe\n'), 'agpj.exe')
  t.equal(displayName('x'.repeat(500)).length, 120)
  t.end()
})

t.test('[PIC27] a piece that could not be used is taken back, so that it can be sent again', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'tongping-incoming-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = new IncomingFile(join(folder, 'one'))
  await file.append(Buffer.from('abc'))
  await file.append(Buffer.from('def'))
  await file.takeBackLast()
  t.equal(file.receivedBytes, 3)
  await file.append(Buffer.from('xyz'))
  t.equal((await file.read()).toString(), 'abcxyz')
  await file.discard()
  await t.rejects(file.read())
})
