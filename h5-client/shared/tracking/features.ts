import type { Feature } from './describe.ts'
import { OCTAVES } from './describe.ts'

/** Recognisable places of one frame, as they travel with a mark. */
export type FeatureSet = {
  /** Size of the frame that was looked at, in pixels; the places are in these. */
  readonly width: number
  readonly height: number
  readonly features: readonly Feature[]
}

/** First byte: says which comparisons the bits are (describe.ts). */
const FORMAT = 1
const HEAD_BYTES = 7
const FEATURE_BYTES = 37
const PER_PIXEL = 16
/** `Anchor.features` holds at most 40 000 characters of base64. */
export const MAX_FEATURES = Math.floor((30_000 - HEAD_BYTES) / FEATURE_BYTES)

/**
 * Head: format, width, height, count (1 + 2 + 2 + 2 bytes); then for each feature x and y in sixteenths of a pixel,
 * octave (2 + 2 + 1 bytes) and its 32 bytes of comparisons. Big-endian, base64.
 */
export function encodeFeatures({ width, height, features }: FeatureSet): string {
  const kept = features.slice(0, MAX_FEATURES)
  const bytes = new Uint8Array(HEAD_BYTES + kept.length * FEATURE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, FORMAT)
  view.setUint16(1, width)
  view.setUint16(3, height)
  view.setUint16(5, kept.length)
  kept.forEach((feature, index) => {
    const at = HEAD_BYTES + index * FEATURE_BYTES
    view.setUint16(at, Math.round(feature.x * PER_PIXEL))
    view.setUint16(at + 2, Math.round(feature.y * PER_PIXEL))
    view.setUint8(at + 4, (OCTAVES as readonly number[]).indexOf(feature.octave))
    feature.bits.forEach((word, i) => {
      view.setUint32(at + 5 + 4 * i, word)
    })
  })
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** Undefined for what is no set of features of this format: it comes from another browser. */
export function decodeFeatures(base64: string): FeatureSet | undefined {
  let text: string
  try {
    text = atob(base64)
  } catch {
    return undefined
  }
  const bytes = Uint8Array.from(text, character => character.charCodeAt(0))
  if (bytes.length < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer)
  const width = view.getUint16(1)
  const height = view.getUint16(3)
  const count = view.getUint16(5)
  if (view.getUint8(0) !== FORMAT || count > MAX_FEATURES || width < 16 || height < 16) return undefined
  if (bytes.length !== HEAD_BYTES + count * FEATURE_BYTES) return undefined
  const features: Feature[] = []
  for (let index = 0; index < count; index += 1) {
    const at = HEAD_BYTES + index * FEATURE_BYTES
    const x = view.getUint16(at) / PER_PIXEL
    const y = view.getUint16(at + 2) / PER_PIXEL
    const octave = OCTAVES[view.getUint8(at + 4)]
    if (octave === undefined || x >= width || y >= height) return undefined
    const bits = Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(at + 5 + 4 * i))
    features.push({ x, y, score: 1, octave, bits })
  }
  return { width, height, features }
}
