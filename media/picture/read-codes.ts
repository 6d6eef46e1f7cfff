import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { prepareZXingModule, type ReadResult, readBarcodes } from 'zxing-wasm/reader'
import type { Code, Region } from '../../signaling/protocol/reading.ts'

sharp.concurrency(1)

export type CodeJob = { readonly image: Uint8Array; readonly region?: Region }

const MAX_INPUT_PIXELS = 80_000_000
const MAX_CODES = 20
const MAX_TEXT = 4_000
/** A whole page is looked at in this size first; enough for a code that fills a twentieth of its width. */
const FIRST_SIDE_PX = 1600
/** Small cut-outs are enlarged: the reader wants at least two pixels for the thinnest bar. */
const ENLARGE_TO_PX = 1200
/** A photo is then looked at piece by piece in its own resolution; pieces overlap by a fifth. */
const TILE_PX = 1600
const TILE_OVERLAP = 0.2

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

/** A part of the picture as grey pixels. `place` says where it lies, in pixels of the whole picture. */
type View = {
  readonly place: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  readonly pixels: ImageData
}

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
 * sharpened and enlarged versions and, in large pictures, at the pieces, until something is found.
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
    const views = await look()
    const found: Code[] = []
    for (const view of views) found.push(...(await codesIn(view, grey)))
    const distinct = withoutRepeats(found)
    if (distinct.length > 0) return distinct.slice(0, MAX_CODES)
  }
  return []
}

type Grey = {
  readonly data: Buffer
  readonly widthPx: number
  readonly heightPx: number
  readonly channels: 1 | 2 | 3 | 4
}
type Place = View['place']
type Effort = { readonly sidePx: number; readonly sharpen?: true }

/** From cheap to costly. Each look is tried only when the one before found nothing. */
function looks(grey: Grey, region: Region | undefined): (() => Promise<View[]>)[] {
  const whole = placeOf(grey, region)
  const side = Math.max(whole.width, whole.height)
  const one = (effort: Effort) => async () => [await viewOf(grey, whole, effort)]
  const cheap = [
    one({ sidePx: Math.min(Math.max(side, Math.min(ENLARGE_TO_PX, side * 2)), FIRST_SIDE_PX) }),
    one({ sidePx: Math.min(side * 2, FIRST_SIDE_PX), sharpen: true }),
  ]
  if (side <= FIRST_SIDE_PX) return [...cheap, one({ sidePx: Math.min(side * 3, 2 * FIRST_SIDE_PX) })]
  const pieces = () =>
    Promise.all(tiles(whole).map(tile => viewOf(grey, tile, { sidePx: Math.max(tile.width, tile.height) })))
  return [...cheap, pieces]
}

function placeOf({ widthPx, heightPx }: Grey, region: Region | undefined): Place {
  const left = Math.min(widthPx - 1, Math.floor((region?.x ?? 0) * widthPx))
  const top = Math.min(heightPx - 1, Math.floor((region?.y ?? 0) * heightPx))
  const width = Math.max(1, Math.min(widthPx - left, Math.ceil((region?.width ?? 1) * widthPx)))
  const height = Math.max(1, Math.min(heightPx - top, Math.ceil((region?.height ?? 1) * heightPx)))
  return { left, top, width, height }
}

/** Overlapping pieces that cover a place. */
function tiles(place: Place): Place[] {
  const starts = (from: number, length: number) => {
    const count = Math.max(1, Math.ceil((length - TILE_PX * TILE_OVERLAP) / (TILE_PX * (1 - TILE_OVERLAP))))
    const size = Math.min(TILE_PX, length)
    return Array.from({ length: count }, (_, index) => ({
      at: from + (count === 1 ? 0 : Math.round((index * (length - size)) / (count - 1))),
      size,
    }))
  }
  return starts(place.top, place.height).flatMap(row =>
    starts(place.left, place.width).map(column => ({
      left: column.at,
      top: row.at,
      width: column.size,
      height: row.size,
    })),
  )
}

async function viewOf(grey: Grey, place: Place, { sidePx, sharpen }: Effort): Promise<View> {
  const { data, widthPx: width, heightPx: height, channels } = grey
  const scale = sidePx / Math.max(place.width, place.height)
  let cut = sharp(data, { raw: { width, height, channels } }).extract(place)
  if (scale !== 1) cut = cut.resize({ width: Math.max(1, Math.round(place.width * scale)), kernel: 'cubic' })
  if (sharpen) cut = cut.normalise().sharpen({ sigma: 2, m1: 2, m2: 4 })
  const out = await cut.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const bytes = new Uint8ClampedArray(out.data.buffer, out.data.byteOffset, out.data.byteLength)
  const pixels = { data: bytes, width: out.info.width, height: out.info.height, colorSpace: 'srgb' } as ImageData
  return { place, pixels }
}

async function codesIn(view: View, grey: Grey): Promise<Code[]> {
  const found = await readBarcodes(view.pixels, {
    formats: WANTED,
    tryHarder: true,
    tryRotate: true,
    tryInvert: true,
    tryDownscale: true,
    maxNumberOfSymbols: MAX_CODES,
    textMode: 'Plain',
  })
  return found.flatMap(one => {
    const format = formatOf(one)
    if (!one.isValid || !format || one.text === '') return []
    const { topLeft, topRight, bottomRight, bottomLeft } = one.position
    const unit = (value: number) => Math.min(1, Math.max(0, value))
    const corners = [topLeft, topRight, bottomRight, bottomLeft].map(({ x, y }): [number, number] => [
      unit((view.place.left + (x / view.pixels.width) * view.place.width) / grey.widthPx),
      unit((view.place.top + (y / view.pixels.height) * view.place.height) / grey.heightPx),
    ])
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
