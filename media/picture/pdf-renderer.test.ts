import sharp from 'sharp'
import t from 'tap'
import { pdfFixture } from './pdf-fixture.ts'
import { PdfRenderer } from './pdf-renderer.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const open = async (t: { teardown(end: () => Promise<void>): void }, o: { timeoutMs?: number } = {}) => {
  const renderer = await PdfRenderer.create({ logger: silent as never, ...o })
  t.teardown(() => renderer.close())
  return renderer
}
const TWO = pdfFixture([
  { words: 'One', rgb: [0, 0.6, 0] },
  { words: 'Two', rgb: [0, 0, 1], sizePt: [842, 595] },
])

t.test('[PUSH15] a page becomes a picture of the size asked for, in its own colours, on white', async t => {
  const renderer = await open(t)
  t.same(await renderer.open(TWO), { pages: 2 })
  const page = await renderer.render(TWO, 2, 1200)
  t.match(page, { type: 'image/png', widthPx: 1200 })
  t.ok(Math.abs(page.heightPx - 848) <= 1)
  const { data, info } = await sharp(page.bytes).raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)]
  t.same(at(285, 565), [0, 0, 255], 'the square is blue')
  t.same(at(1190, 840), [255, 255, 255], 'paper is white')
  const small = await renderer.render(TWO, 1, 280)
  t.equal(small.heightPx, 280)
})

t.test('[PUSH16] what cannot be shown is refused with its reason, and the next file is read all the same', async t => {
  const renderer = await open(t)
  const many = pdfFixture(Array.from({ length: 201 }, () => ({ words: 'x', rgb: [0, 0, 0] as const })))
  const encrypted = Buffer.from(
    TWO.toString('latin1').replace(
      '/Root 1 0 R',
      `/Root 1 0 R /ID [<${'0'.repeat(32)}> <${'0'.repeat(32)}>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <${'0'.repeat(64)}> /U <${'0'.repeat(64)}> /P -4 >>`,
    ),
    'latin1',
  )
  const huge = pdfFixture([{ words: 'x', rgb: [0, 0, 0], sizePt: [30_000, 30_000] }])
  for (const [what, bytes, reason] of [
    ['junk', Buffer.from('%PDF-1.4 and nothing else'), 'broken'],
    ['half a file', TWO.subarray(0, 200), 'broken'],
    ['a password', encrypted, 'encrypted'],
    ['201 pages', many, 'too-many-pages'],
    ['too many bytes', Buffer.alloc(25 * 1024 * 1024 + 1), 'too-large'],
  ] as const)
    await t.rejects(renderer.open(bytes), { name: 'PdfError', reason }, what)
  await t.rejects(renderer.render(TWO, 3, 200), { reason: 'no-such-page', code: 'not-found' })
  await t.rejects(renderer.render(huge, 1, 200), { name: 'PdfError', reason: 'broken' })
  t.same(await renderer.open(TWO), { pages: 2 })
  t.equal(renderer.stats().started, 1, 'one process for all of it')
})

t.test('[PUSH16] a page that wants more memory than is allowed is refused, not taken', async t => {
  const renderer = await open(t)
  // Four bytes for each of 20000 × 14000 pixels: more than a gigabyte.
  await t.rejects(renderer.render(TWO, 2, 20_000), { name: 'PdfError', reason: 'too-complex' })
  t.equal((await renderer.render(TWO, 2, 300)).widthPx, 300)
})

t.test('[PUSH16] nothing in a document runs', async t => {
  const renderer = await open(t)
  const script = '/OpenAction << /S /JavaScript /JS (while\\(true\\){}) >>'
  t.equal((await renderer.render(pdfFixture([{ words: 'x', rgb: [1, 0, 0] }], script), 1, 200)).heightPx, 200)
})

t.test('[PUSH16] a document that takes too long costs its own turn only', async t => {
  const renderer = await open(t, { timeoutMs: 1 })
  await t.rejects(renderer.open(TWO), { reason: 'timeout', code: 'unavailable' })
  await renderer.close()
  await t.rejects(renderer.open(TWO), { name: 'PdfError', reason: 'closed' })
  t.equal(renderer.stats().pid, undefined, 'no process is left')
})
