/**
 * How often codes are read, and how long that takes, by kind and by what became of the picture.
 *
 *   node scripts/bench/codes.ts [of each=3]
 *
 * Codes are made here (other texts and sizes each time, from a fixed seed), laid on a wall of 1280×960 as a phone sees a
 * label, and read in the process the server uses. Times include decoding the picture.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { CodeReader } from '../../media/picture/code-reader.ts'
import { printTable, spreadOf, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const each = Number(process.argv[2] ?? 3)
const WALL = { width: 1280, height: 960, channels: 3, background: '#b9b2a6' } as const

type Format = NonNullable<NonNullable<Parameters<typeof writeBarcode>[1]>['format']>
const digits = (count: number, n: number) => String(n * 7_919 + 10 ** count).slice(-count)
const KINDS: readonly { kind: Format; text: (n: number) => string; widthPx: number }[] = [
  { kind: 'QRCode', text: n => `https://example.org/d/TP-${digits(8, n)}`, widthPx: 260 },
  { kind: 'DataMatrix', text: n => `SN${digits(10, n)}`, widthPx: 200 },
  { kind: 'EAN13', text: n => `690${digits(9, n)}`, widthPx: 320 },
  { kind: 'Code128', text: n => `SN-${digits(8, n)}`, widthPx: 420 },
  { kind: 'Code39', text: n => `KFR-${digits(5, n)}`, widthPx: 520 },
  { kind: 'PDF417', text: n => `Serial ${digits(8, n)} made 2026-08`, widthPx: 420 },
]
const noisy = (image: Sharp, sigma: number) =>
  image.composite([
    { input: { create: { ...WALL, noise: { type: 'gaussian', mean: 128, sigma } } }, blend: 'soft-light' },
  ])
const CONDITIONS: Readonly<
  Record<string, { place?: (code: Sharp, widthPx: number) => Sharp; picture?: (page: Sharp) => Sharp }>
> = {
  clean: {},
  'turned 25°': { place: code => code.rotate(25, { background: WALL.background }) },
  'on its side': { place: code => code.rotate(90) },
  slanted: { place: code => code.affine([1, 0.2, 0, 0.85], { background: WALL.background }) },
  'half the size': { place: (code, widthPx) => code.resize({ width: Math.round(widthPx / 2) }) },
  'a third of the size': { place: (code, widthPx) => code.resize({ width: Math.round(widthPx / 3) }) },
  'blurred (σ 1.5)': { picture: page => page.blur(1.5) },
  'blurred (σ 2.5)': { picture: page => page.blur(2.5) },
  dark: { picture: page => page.linear(0.25, 5) },
  noisy: { picture: page => noisy(page, 40) },
  'JPEG quality 20': {},
}

const finished = endAfter(280_000)
const before = surroundings()
const wasm = await readFile(fileURLToPath(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')))
await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true })
const logger = { debug() {}, info() {}, warn: console.error, error: console.error }
const reader = await CodeReader.create({ logger })
try {
  await reader.read(await sharp({ create: WALL }).jpeg().toBuffer())
  const rows = []
  for (const [condition, change] of Object.entries(CONDITIONS)) {
    const hits: Record<string, string> = {}
    const times: number[] = []
    for (const { kind, text, widthPx } of KINDS) {
      let read = 0
      for (let n = 1; n <= each; n += 1) {
        const page = await pageWith(kind, text(n), widthPx, condition, change, n)
        const startMs = performance.now()
        const codes = await reader.read(page)
        times.push(performance.now() - startMs)
        if (codes.some(code => code.text.startsWith(text(n)))) read += 1
      }
      hits[kind] = `${read}/${each}`
    }
    const { p50, p95 } = spreadOf(times)
    rows.push({ condition, ...hits, 'p50 ms': Math.round(p50), 'p95 ms': Math.round(p95) })
  }
  printTable('Codes read', rows)
  await writeReport('codes', { surroundings: before, ofEach: each, rows })
} finally {
  await reader.close()
  finished()
}

async function pageWith(
  kind: Format,
  text: string,
  widthPx: number,
  condition: string,
  change: (typeof CONDITIONS)[string],
  n: number,
): Promise<Buffer> {
  const { svg, error } = await writeBarcode(text, { format: kind })
  if (!svg) throw new Error(error)
  const plain = await sharp(Buffer.from(svg), { density: 300 })
    .flatten({ background: '#fff' })
    .resize({ width: widthPx })
    .extend({ top: 20, bottom: 20, left: 20, right: 20, background: '#fff' })
    .png()
    .toBuffer()
  const placed = await (change?.place?.(sharp(plain), widthPx) ?? sharp(plain)).png().toBuffer()
  const laid = await sharp({ create: WALL })
    .composite([{ input: placed, left: 60 + ((n * 97) % 300), top: 50 + ((n * 61) % 200) }])
    .png()
    .toBuffer()
  const page = change?.picture?.(sharp(laid)) ?? sharp(laid)
  return page.jpeg({ quality: condition.startsWith('JPEG') ? 20 : 80 }).toBuffer()
}
