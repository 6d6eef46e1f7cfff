import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import QRCode from 'qrcode'
import sharp from 'sharp'
import t from 'tap'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import type { Code } from '../../signaling/protocol/reading.ts'
import { CodeReader } from './code-reader.ts'
import { readCodes } from './read-codes.ts'

t.setTimeout(60_000)
const logger = { debug() {}, info() {}, warn() {}, error() {} }
type Written = NonNullable<NonNullable<Parameters<typeof writeBarcode>[1]>['format']>

const wasm = await readFile(fileURLToPath(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')))
await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true })
// Whoever asks for the network while reading codes is found out.
globalThis.fetch = () => Promise.reject(new Error('no network here'))

async function made(format: Written, text: string): Promise<Buffer> {
  const { svg, error } = await writeBarcode(text, { format })
  if (!svg) throw new Error(error)
  return sharp(Buffer.from(svg), { density: 300 }).flatten({ background: '#fff' }).png().toBuffer()
}
const qr = (text: string, scale = 5) => QRCode.toBuffer(text, { scale, margin: 4 })
const found = async (image: Buffer, region?: { x: number; y: number; width: number; height: number }) =>
  readCodes({ image, ...(region && { region }) })
const texts = (codes: readonly Code[]) => codes.map(code => code.text).sort()
const wall = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#b8b4a8' } })

const FORMATS: readonly (readonly [Written, Code['format'], string])[] = [
  ['QRCode', 'qr', 'https://example.org/安装?sn=AB-123'],
  ['DataMatrix', 'data-matrix', 'DM 0123456789'],
  ['EAN13', 'ean-13', '6901234567892'],
  ['EAN8', 'ean-8', '96385074'],
  ['UPCA', 'upc-a', '036000291452'],
  ['UPCE', 'upc-e', '01234565'],
  ['Code128', 'code-128', 'SN-2026-0815'],
  ['Code39', 'code-39', 'KFR-35GW'],
  ['PDF417', 'pdf417', 'PDF417 with quite some text in it'],
  ['Aztec', 'aztec', 'Aztec 42'],
  ['ITF', 'itf', '12345678'],
  ['Codabar', 'codabar', 'A12345B'],
]

t.test('[PIC40] every format of the catalogue is read, without the network', async t => {
  for (const [format, name, text] of FORMATS) {
    const codes = await found(await made(format, text))
    t.equal(codes.length, 1, `one ${name}`)
    t.equal(codes[0]?.format, name)
    t.equal(codes[0]?.text, text)
  }
})

t.test('[PIC41] turned, blurred, small, light on dark and slanted codes are read', async t => {
  const text = 'https://example.org/device/TP-2026-0815'
  const plain = await qr(text)
  const turned = await sharp(plain).rotate(33, { background: '#fff' }).toBuffer()
  const blurred = await sharp(await qr(text, 8))
    .blur(4)
    .toBuffer()
  const dark = await sharp(plain).negate({ alpha: false }).toBuffer()
  const faint = await sharp(plain).linear(0.25, 110).jpeg({ quality: 70 }).toBuffer()
  const slanted = await sharp(plain).affine([1, 0.25, 0, 0.9], { background: '#fff' }).toBuffer()
  for (const [name, image] of Object.entries({ turned, blurred, dark, faint, slanted })) {
    t.same(texts(await found(image)), [text], name)
  }
  const small = await sharp(plain).resize(90).toBuffer()
  const photo = await wall(4000, 3000)
    .composite([{ input: small, left: 3100, top: 700 }])
    .jpeg({ quality: 90 })
    .toBuffer()
  t.same(texts(await found(photo)), [text], 'a small one in a large photo')
  const bar = await sharp(await made('Code128', 'SN-2026-0815'))
    .rotate(90)
    .toBuffer()
  t.same(texts(await found(bar)), ['SN-2026-0815'], 'a bar code on its side')
  const aslant = await sharp(await made('Code128', 'SN-2026-0815'))
    .resize({ width: 420, height: 120, fit: 'fill' })
    .rotate(35, { background: '#b8b4a8' })
    .toBuffer()
  const [code] = await found(
    await wall(1280, 960)
      .composite([{ input: aslant, left: 700, top: 500 }])
      .png()
      .toBuffer(),
  )
  t.equal(code?.text, 'SN-2026-0815', 'a bar code aslant')
  const [[left, top] = [0, 0], [right, bottom] = [0, 0]] = code?.corners ?? []
  t.ok(left > 0.55 && left < 0.65 && right > 0.75 && right < 0.9, 'where it lies')
  t.ok(
    Math.abs(Math.atan2((bottom - top) * 960, (right - left) * 1280) - (35 * Math.PI) / 180) < 0.35,
    'and roughly how',
  )
})

t.test('[PIC42] several codes are found at once; corners say where, in 0..1 of the whole picture', async t => {
  const [one, two, bar] = [await qr('one'), await qr('two'), await made('Code128', 'THREE-3')]
  const label = await sharp(bar).resize({ width: 500 }).toBuffer()
  const page = await wall(1600, 1200)
    .composite([
      { input: one, left: 100, top: 100 },
      { input: two, left: 1200, top: 100 },
      { input: label, left: 500, top: 800 },
      { input: one, left: 100, top: 800 },
    ])
    .png()
    .toBuffer()
  const codes = await found(page)
  t.same(texts(codes), ['THREE-3', 'one', 'one', 'two'], 'two labels with the same text are two')
  const at = codes.find(code => code.text === 'two')?.corners ?? []
  const [topLeft, topRight, bottomRight] = at
  t.ok(topLeft && topLeft[0] > 1200 / 1600 && topLeft[0] < 1260 / 1600 && topLeft[1] > 100 / 1200 && topLeft[1] < 0.14)
  t.ok(topRight && topLeft && bottomRight && topRight[0] > topLeft[0] && bottomRight[1] > topRight[1], 'clockwise')
  const right = await found(page, { x: 0.7, y: 0, width: 0.3, height: 0.4 })
  t.same(texts(right), ['two'], 'only the region')
  t.ok(
    Math.abs((right[0]?.corners[0]?.[0] ?? 0) - (topLeft?.[0] ?? 1)) < 0.01,
    'corners of the whole, not of the region',
  )
})

t.test('[PIC43] nothing to find is an empty list; no picture is an error', async t => {
  t.same(await found(await wall(800, 600).png().toBuffer()), [])
  await t.rejects(found(Buffer.from('no picture')))
})

t.test('[PIC44] codes are read in a process of its own that is gone after close', async t => {
  const reader = await CodeReader.create({ logger })
  t.teardown(() => reader.close())
  t.same(texts(await reader.read(await qr('hello'))), ['hello'])
  await t.rejects(reader.read(Buffer.from('no picture')), { code: 'unavailable' })
  t.same(texts(await reader.read(await qr('again'), { x: 0, y: 0, width: 1, height: 1 })), ['again'])
  const { pid, started } = reader.stats()
  t.equal(started, 1)
  await reader.close()
  t.throws(() => process.kill(pid ?? 0, 0))
  await t.rejects(reader.read(await qr('late')), { code: 'gone' })
})
