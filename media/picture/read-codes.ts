import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { prepareZXingModule, type ReadResult, readBarcodes } from 'zxing-wasm/reader'
import type { Code, Region } from '../../signaling/protocol/reading.ts'
import { looks, type View } from './code-views.ts'

sharp.concurrency(1)

export type CodeJob = { readonly image: Uint8Array; readonly region?: Region }

const MAX_INPUT_PIXELS = 80_000_000
const MAX_CODES = 20
const MAX_TEXT = 4_000

const FORMATS = {
  QRCode: 'qr',
  DataMatrix: 'data-matrix',
  EAN13: 'ean-13',
  EAN8: 'ean-8',
  UPCA: 'upc-a',
  UPCE: 'upc-e',
  Code128: 'code-128',
  Code39: 'code-39',
  PDF417: 'pdf417',
  Aztec: 'aztec',
  ITF: 'itf',
  Codabar: 'codabar',
} as const satisfies Record<string, Code['format']>
const WANTED = Object.keys(FORMATS) as (keyof typeof FORMATS)[]
const BARS = WANTED.filter(format => !['QRCode', 'DataMatrix', 'Aztec'].includes(format))

/** Loads the reader from the package itself; without this it would fetch its WebAssembly from the network. */
async function loadReader(): Promise<void> {
  const wasm = await readFile(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')))
  await prepareZXingModule({
    overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer },
    fireImmediately: true,
  })
}
let loading: Promise<void> | undefined

/**
 * Every code in a picture, or in a region of it; corners in 0..1 of the whole picture. Looks at the whole first, then at
 * sharpened, turned and enlarged versions and, in large pictures, at the pieces, until something is found.
 * @throws Error when the picture cannot be decoded
 */
export async function readCodes({ image, region }: CodeJob): Promise<Code[]> {
  loading ??= loadReader()
  await loading
  const options = { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'truncated' } as const
  const { data, info } = await sharp(image, options)
    .flatten({ background: '#fff' })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const grey = { data, widthPx: info.width, heightPx: info.height, channels: info.channels }
  for (const look of looks(grey, region)) {
    const found: Code[] = []
    for (const view of look) found.push(...(await codesIn(await view())))
    const distinct = withoutRepeats(found)
    if (distinct.length > 0) return distinct.slice(0, MAX_CODES)
  }
  return []
}

async function codesIn(view: View): Promise<Code[]> {
  const found = await readBarcodes(view.pixels, {
    formats: view.isForBars ? BARS : WANTED,
    tryHarder: true,
    tryRotate: true,
    tryInvert: !view.isForBars,
    tryDownscale: !view.isForBars,
    maxNumberOfSymbols: MAX_CODES,
    textMode: 'Plain',
  })
  return found.flatMap(one => {
    const format = formatOf(one)
    if (!one.isValid || !format || one.text === '') return []
    const { topLeft, topRight, bottomRight, bottomLeft } = one.position
    const corners = [topLeft, topRight, bottomRight, bottomLeft].map(({ x, y }) => view.toPicture(x, y))
    return [{ format, text: textOf(one, format), corners }]
  })
}

/** Variants (a micro QR code, a code 39 with check digit) go by the name of their family. */
function formatOf(result: ReadResult): Code['format'] | undefined {
  // The reader reports every retail code as thirteen digits; an EAN-13 that begins with 0 is printed, and known, as UPC-A.
  if (result.format === 'EAN13' && /^0\d{12}$/.test(result.text)) return 'upc-a'
  if (result.format in FORMATS) return FORMATS[result.format as keyof typeof FORMATS]
  return result.symbology in FORMATS ? FORMATS[result.symbology as keyof typeof FORMATS] : undefined
}

/** As it is printed under the bars. */
function textOf(result: ReadResult, format: Code['format']): string {
  if (format === 'upc-a') return result.text.slice(-12)
  if (format === 'ean-8') return result.text.slice(-8)
  if (format === 'upc-e') return /"UPCE":"(\d{8})"/.exec(result.extra)?.[1] ?? result.text
  return result.text.slice(0, MAX_TEXT)
}

/** The same code seen in two overlapping pieces is one; two labels with the same text are two. */
function withoutRepeats(codes: readonly Code[]): Code[] {
  const middle = (code: Code) =>
    code.corners.reduce(([x, y], [cx, cy]) => [x + cx / 4, y + cy / 4] as const, [0, 0] as const)
  const kept: Code[] = []
  for (const code of codes) {
    const [x, y] = middle(code)
    const again = kept.some(other => {
      const [ox, oy] = middle(other)
      return other.format === code.format && other.text === code.text && Math.hypot(x - ox, y - oy) < 0.02
    })
    if (!again) kept.push(code)
  }
  return kept
}
