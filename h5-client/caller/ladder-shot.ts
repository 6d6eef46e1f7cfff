import type { Rung } from '../../signaling/protocol/phone.ts'
import { jpegOf, type Shot } from './still-taker.ts'

/** The longer edge and JPEG quality of the shutter's still where the network carries no video: it has to arrive in seconds. */
export const SHOT_SIZES = {
  'slow-scan': { edgePx: 1280, quality: 0.65 },
  photo: { edgePx: 960, quality: 0.6 },
} as const

/** The still as it is on a network that carries video, else one that travels while the agent waits. */
export async function fitShot(
  shot: Shot,
  rung: Rung,
  smaller: (blob: Blob, edgePx: number, quality: number) => Promise<Blob> = shrink,
): Promise<Shot> {
  if (rung === 'live') return shot
  const { edgePx, quality } = SHOT_SIZES[rung]
  const blob = await smaller(shot.blob, edgePx, quality).catch(() => shot.blob)
  return blob.size < shot.blob.size ? { ...shot, blob } : shot
}

async function shrink(blob: Blob, edgePx: number, quality: number): Promise<Blob> {
  return jpegOf(await createImageBitmap(blob), edgePx, quality)
}
