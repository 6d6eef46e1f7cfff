/** How the camera's film is sent. */
export type SenderShape = {
  readonly maxBitrate: number
  readonly maxFramerate: number
  readonly scaleResolutionDownBy: number
}

/** Small print needs pixels, not motion. */
const DETAIL_BPS = 2_500_000
const DETAIL_FPS = 6

/**
 * Pure: what to send of a camera of that size: as much as the network was found to carry, or every pixel while the phone is
 * held still. The camera itself films in as much detail as it can, for the stills.
 */
export function senderShape(
  size: { width?: number; height?: number },
  film: { edgePx: number; fps: number; kbps: number },
  holdStill: boolean,
): SenderShape {
  if (holdStill) return { maxBitrate: DETAIL_BPS, maxFramerate: DETAIL_FPS, scaleResolutionDownBy: 1 }
  const longest = Math.max(size.width ?? 0, size.height ?? 0)
  return {
    maxBitrate: film.kbps * 1000,
    maxFramerate: film.fps,
    scaleResolutionDownBy: Math.max(1, longest / film.edgePx),
  }
}
