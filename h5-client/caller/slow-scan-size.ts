/** How large a still is made: its longer edge, and the JPEG quality of 0..1. From a few kilobytes to a hundred. */
export const STILL_SIZES = [
  { edgePx: 320, quality: 0.5 },
  { edgePx: 480, quality: 0.5 },
  { edgePx: 640, quality: 0.55 },
  { edgePx: 800, quality: 0.6 },
  { edgePx: 960, quality: 0.6 },
  { edgePx: 1280, quality: 0.65 },
] as const
export type StillSize = (typeof STILL_SIZES)[number]

/** Small enough for 150 kbit/s in about a second, large enough to read a plate that fills half of it. */
export const FIRST_SIZE = 1

/** Net of the round trip: less than this and there is room for more … */
const QUICK_MS = 600
/** … more, and the next still has to be smaller. */
const SLOW_MS = 2_200
const VERY_SLOW_MS = 5_000

export type SentStill = { readonly ok: boolean; readonly tookMs: number; readonly roundTripMs: number }

/** Pure: index of the size for the next still, from how the last one travelled. */
export function nextSize(size: number, sent: SentStill): number {
  const netMs = Math.max(0, sent.tookMs - sent.roundTripMs)
  const step = !sent.ok || netMs > VERY_SLOW_MS ? -2 : netMs > SLOW_MS ? -1 : netMs < QUICK_MS ? 1 : 0
  return Math.min(STILL_SIZES.length - 1, Math.max(0, size + step))
}

/** The largest size whose bytes, reckoned from one that was sent, travel within `ms` at `kbps`. */
export function sizeWithin(o: { kbps: number; ms: number; sent: { size: number; bytes: number } }): number {
  const known = STILL_SIZES[o.sent.size] ?? STILL_SIZES[FIRST_SIZE]
  const fits = (size: StillSize) => {
    const bytes = o.sent.bytes * (size.edgePx / known.edgePx) ** 2 * (size.quality / known.quality)
    return (bytes * 8) / o.kbps <= o.ms
  }
  return Math.max(
    0,
    STILL_SIZES.findLastIndex(size => fits(size)),
  )
}

/** Rate at which a still travelled, kbit/s; the round trip of asking is no fault of its size. */
export function rateOf(bytes: number, tookMs: number, roundTripMs: number): number {
  return (bytes * 8) / Math.max(1, tookMs - Math.min(roundTripMs, tookMs * 0.8))
}
