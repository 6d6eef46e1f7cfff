/** A sender that stopped without counting on, or jumped, shows as a lasting step of more than this. */
const BREAK_MS = 100
const LOOK_AHEAD_MS = 500
const LOOK_AROUND_PACKETS = 1000
const LOOK_BACK_PACKETS = 25
const BUCKET_MS = 500
/** Delay minimum over two seconds to either side. */
const BUCKETS_AROUND = 4
/** 5 ms per second: faster than any clock drifts, too slow to hear. */
const SLEW = 0.005

export type Point = { readonly mediaMs: number; readonly arrivalMs: number }
export type Placing = {
  /** Where each point belongs on the call clock. */
  readonly atMs: Float64Array
  /** Indexes where the sender's own timeline broke, ascending; the first point is not listed. */
  readonly breaks: readonly number[]
}

/**
 * Maps a sender's timeline (RTP timestamps, in ms) onto the call clock. Arrival times are the truth but jitter;
 * timestamps are smooth but drift and jump. Network delay only ever adds, so the smallest difference in a window of
 * four seconds is the best guess of the offset between the two; it is followed slowly.
 * Points must be in sequence order.
 */
export function placeOnClock(points: readonly Point[]): Placing {
  const delays = Float64Array.from(points, point => point.arrivalMs - point.mediaMs)
  const breaks: number[] = []
  for (let i = 1; i < points.length; i++) if (isBreak(points, delays, i)) breaks.push(i)
  const atMs = new Float64Array(points.length)
  const edges = [0, ...breaks, points.length]
  for (let k = 0; k + 1 < edges.length; k++) placeStretch(points, delays, edges[k] ?? 0, edges[k + 1] ?? 0, atMs)
  return { atMs, breaks }
}

/**
 * True when the step in delay at `i` lasts. A network stall is no break: its packets come in one burst and the delay
 * is back to normal within the look-ahead.
 */
function isBreak(points: readonly Point[], delays: Float64Array, i: number): boolean {
  const at = (k: number) => delays[k] ?? 0
  if (Math.abs(at(i) - at(i - 1)) <= BREAK_MS) return false
  const untilMs = (points[i]?.arrivalMs ?? 0) + LOOK_AHEAD_MS
  let ahead = at(i)
  for (let k = i + 1; k < points.length && k < i + LOOK_AROUND_PACKETS; k++) {
    if ((points[k]?.arrivalMs ?? 0) > untilMs) break
    ahead = Math.min(ahead, at(k))
  }
  let behind = at(i - 1)
  for (let k = i - 2; k >= 0 && k >= i - LOOK_BACK_PACKETS; k--) behind = Math.min(behind, at(k))
  return Math.abs(ahead - behind) > BREAK_MS
}

function placeStretch(points: readonly Point[], delays: Float64Array, from: number, to: number, atMs: Float64Array) {
  if (from >= to) return
  const startMs = points[from]?.mediaMs ?? 0
  const bucketOf = (i: number) => Math.max(0, Math.floor(((points[i]?.mediaMs ?? 0) - startMs) / BUCKET_MS))
  const smallest = new Map<number, number>()
  for (let i = from; i < to; i++) {
    const bucket = bucketOf(i)
    smallest.set(bucket, Math.min(smallest.get(bucket) ?? Number.POSITIVE_INFINITY, delays[i] ?? 0))
  }
  const goal = (bucket: number): number => {
    let least = Number.POSITIVE_INFINITY
    for (let k = bucket - BUCKETS_AROUND; k <= bucket + BUCKETS_AROUND; k++)
      least = Math.min(least, smallest.get(k) ?? Number.POSITIVE_INFINITY)
    return least
  }
  let offset = goal(0)
  let lastMs = startMs
  for (let i = from; i < to; i++) {
    const mediaMs = points[i]?.mediaMs ?? 0
    const mayMove = Math.max(0, mediaMs - lastMs) * SLEW
    offset += Math.max(-mayMove, Math.min(mayMove, goal(bucketOf(i)) - offset))
    atMs[i] = mediaMs + offset
    lastMs = mediaMs
  }
}
