/** How much of the camera's picture is sent as video. The longer edge, frames a second, and the most bits it may take. */
export const QUALITIES = [
  { edgePx: 640, fps: 15, kbps: 600 },
  { edgePx: 960, fps: 20, kbps: 1_200 },
  { edgePx: 1280, fps: 30, kbps: 2_000 },
] as const satisfies readonly Quality[]
export type Quality = { readonly edgePx: number; readonly fps: number; readonly kbps: number }
export type QualitySample = {
  readonly atMs: number
  readonly availableKbps: number | undefined
  readonly lossPercent: number | undefined
  /** Why the encoder sends less than it could (W3C webrtc-stats, qualityLimitationReason). */
  readonly limitedBy: string | undefined
}
export type QualityState = {
  readonly level: number
  readonly roomSinceMs: number | undefined
  readonly tightSinceMs: number | undefined
}
export const FIRST_QUALITY: QualityState = { level: 0, roomSinceMs: undefined, tightSinceMs: undefined }

const UP_AFTER_MS = 3_000
const DOWN_AFTER_MS = 5_000

/** Pure: a level up after a while with room for it, a level down after a while without enough for this one. */
export function adaptQuality(state: QualityState, sample: QualitySample): QualityState {
  const { atMs, availableKbps, lossPercent = 0, limitedBy } = sample
  const now = QUALITIES[state.level] ?? QUALITIES[0]
  const free = limitedBy !== 'bandwidth' && limitedBy !== 'cpu' && lossPercent < 3
  const room = free && availableKbps !== undefined && availableKbps >= now.kbps * 0.9
  const tight = limitedBy === 'cpu' || (availableKbps !== undefined && availableKbps < now.kbps * 0.4)
  const roomSinceMs = room ? (state.roomSinceMs ?? atMs) : undefined
  const tightSinceMs = tight ? (state.tightSinceMs ?? atMs) : undefined
  if (roomSinceMs !== undefined && atMs - roomSinceMs >= UP_AFTER_MS && state.level < QUALITIES.length - 1) {
    return { ...FIRST_QUALITY, level: state.level + 1 }
  }
  if (tightSinceMs !== undefined && atMs - tightSinceMs >= DOWN_AFTER_MS && state.level > 0) {
    return { ...FIRST_QUALITY, level: state.level - 1 }
  }
  return { ...state, roomSinceMs, tightSinceMs }
}
