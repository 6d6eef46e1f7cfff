import sharp, { type Sharp } from 'sharp'
import type { Region } from '../../signaling/protocol/reading.ts'

sharp.concurrency(1)

/** A whole page is looked at in this size first; enough for a code that fills a twentieth of its width. */
const FIRST_SIDE_PX = 1600
/** Small cut-outs are enlarged: the reader wants at least two pixels for the thinnest bar. */
const ENLARGE_TO_PX = 1200
const LARGEST_SIDE_PX = 3200
/** A photo is looked at piece by piece in its own resolution; pieces overlap by a fifth. */
const TILE_PX = 1600
const TILE_OVERLAP = 0.2
/** Bar codes are read along lines: a slant of more than ten degrees leaves them. With the reader's own quarter turns these reach all. */
const TURNS_DEG = [20, -20, 40, -40] as const

/** A decoded picture in grey. */
export type Grey = {
  readonly data: Buffer
  readonly widthPx: number
  readonly heightPx: number
  readonly channels: 1 | 2 | 3 | 4
}
/** Pixels of the whole picture. */
export type Place = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
/** A part of the picture as the reader sees it: enlarged, sharpened, turned. */
export type View = {
  readonly pixels: ImageData
  /** Turned for the sake of bar codes: all others are read at any angle. */
  readonly isForBars: boolean
  /** From a pixel of the view to 0..1 of the whole picture. */
  readonly toPicture: (x: number, y: number) => [number, number]
}
type Effort = { readonly sidePx: number; readonly sharpen?: true; readonly turnDeg?: number }

/** Groups of views, from cheap to costly: each group is looked at only when the one before showed nothing. */
export function looks(grey: Grey, region: Region | undefined): (() => Promise<View>)[][] {
  const whole = placeOf(grey, region)
  const side = Math.max(whole.width, whole.height)
  const one = (effort: Effort) => [() => viewOf(grey, whole, effort)]
  const firstSidePx = Math.min(Math.max(side, Math.min(ENLARGE_TO_PX, side * 2)), FIRST_SIDE_PX)
  const enlargedPx = Math.min(side * 2, FIRST_SIDE_PX)
  const pieces = tiles(whole).map(tile => () => viewOf(grey, tile, { sidePx: Math.max(tile.width, tile.height) }))
  return [
    one({ sidePx: firstSidePx }),
    one({ sidePx: enlargedPx, sharpen: true }),
    ...(side > FIRST_SIDE_PX ? [pieces] : []),
    ...TURNS_DEG.map(turnDeg => one({ sidePx: enlargedPx, turnDeg })),
    ...(side <= FIRST_SIDE_PX ? [one({ sidePx: Math.min(side * 3, LARGEST_SIDE_PX) })] : []),
  ]
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

async function viewOf(grey: Grey, place: Place, { sidePx, sharpen, turnDeg }: Effort): Promise<View> {
  const { data, widthPx: width, heightPx: height, channels } = grey
  const scale = sidePx / Math.max(place.width, place.height)
  let cut = sharp(data, { raw: { width, height, channels } }).extract(place)
  if (scale !== 1) cut = cut.resize({ width: Math.max(1, Math.round(place.width * scale)), kernel: 'cubic' })
  const upright = await raw(sharpen ? await sharpened(cut.normalise()) : cut)
  const turned = turnDeg ? await turn(upright, turnDeg) : upright
  const bytes = new Uint8ClampedArray(turned.data.buffer, turned.data.byteOffset, turned.data.byteLength)
  const pixels = { data: bytes, width: turned.width, height: turned.height, colorSpace: 'srgb' } as ImageData
  const radians = ((turnDeg ?? 0) * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  return {
    pixels,
    isForBars: turnDeg !== undefined,
    toPicture: (x, y) => {
      // Turned back around the middle, which stays the middle.
      const [dx, dy] = [x - turned.width / 2, y - turned.height / 2]
      const [backX, backY] = [dx * cos + dy * sin + upright.width / 2, dy * cos - dx * sin + upright.height / 2]
      return [
        unit((place.left + (backX / upright.width) * place.width) / width),
        unit((place.top + (backY / upright.height) * place.height) / height),
      ]
    },
  }
}

type Raw = { readonly data: Buffer; readonly width: number; readonly height: number }

async function raw(image: Sharp): Promise<Raw> {
  const { data, info } = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Unsharp masking on grey pixels; sharp's own goes through another colour space and takes ten times as long. */
async function sharpened(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const soft = await sharp(data, { raw: { width, height, channels } }).blur(2).toColourspace('b-w').raw().toBuffer()
  for (let at = 0; at < data.length; at += 1) {
    const value = data[at] ?? 0
    data[at] = Math.min(255, Math.max(0, value + 3 * (value - (soft[at] ?? 0))))
  }
  return sharp(data, { raw: { width, height, channels } })
}

function turn({ data, width, height }: Raw, turnDeg: number): Promise<Raw> {
  return raw(sharp(data, { raw: { width, height, channels: 4 } }).rotate(turnDeg, { background: '#888' }))
}

const unit = (value: number) => Math.min(1, Math.max(0, value))
