import type { Region } from './reading.ts'

/** Where a box stands at a moment; null: the thing was lost there, so the whole frame is covered. */
export type BoxAt = { readonly atMs: number; readonly box: Region | null }

export const WHOLE: Region = { x: 0, y: 0, width: 1, height: 1 }

/**
 * The box at a moment, between its keyframes in a straight line. Before the first keyframe and beside a lost one the whole
 * frame counts: what nobody looked at is covered. The last box stands to the end.
 */
export function boxAt(keyframes: readonly BoxAt[], atMs: number): Region {
  const after = keyframes.findIndex(one => one.atMs > atMs)
  const before = after === -1 ? keyframes.at(-1) : keyframes[after - 1]
  if (!before?.box) return WHOLE
  const next = after === -1 ? undefined : keyframes[after]
  if (next === undefined || atMs === before.atMs) return before.box
  if (next.box === null) return WHOLE
  const share = (atMs - before.atMs) / (next.atMs - before.atMs)
  const between = (name: keyof Region) => before.box![name] + (next.box![name] - before.box![name]) * share
  return { x: between('x'), y: between('y'), width: between('width'), height: between('height') }
}

/** Everything that the box touches from `fromMs` to `toMs`: a frame stands until the next one. */
export function boxDuring(keyframes: readonly BoxAt[], fromMs: number, toMs: number): Region {
  const inside = keyframes.filter(one => one.atMs > fromMs && one.atMs < toMs).map(one => one.atMs)
  return [fromMs, ...inside, toMs].map(atMs => boxAt(keyframes, atMs)).reduce(unionOf)
}

export function unionOf(a: Region, b: Region): Region {
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}

export function overlaps(a: Region, b: Region): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
