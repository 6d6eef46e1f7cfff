import type { Region } from '../../signaling/protocol/reading.ts'
import type { BoxAt } from '../../signaling/protocol/redaction-boxes.ts'
import { describe } from '../shared/tracking/describe.ts'
import { Frame } from '../shared/tracking/frame.ts'
import { type Grey, greyOfRgba, workSize } from '../shared/tracking/grey.ts'
import { apply } from '../shared/tracking/homography.ts'
import { PlaceTracker } from '../shared/tracking/place-tracker.ts'

/** Frames are looked at so far apart: motion in between stays small enough to be followed. */
export const FOLLOW_STEP_MS = 66
const FEATURES = 200

/** Where the box of the first frame is in each of the following; null where it was lost. Begins with the box itself. */
export class BoxFollower {
  readonly #tracker: PlaceTracker
  readonly #box: Region

  constructor(first: Grey, box: Region) {
    const frame = new Frame(first)
    const { width, height } = first
    const pixels = { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height }
    this.#box = box
    this.#tracker = PlaceTracker.fromFrame(frame, pixels, describe(first, { atMost: FEATURES, apartPx: 4 }))
  }

  next(image: Grey): Region | null {
    const { homography, state } = this.#tracker.update(new Frame(image))
    if (state !== 'tracking' || !homography) return null
    const { x, y, width, height } = this.#box
    const corners = [
      [x, y],
      [x + width, y],
      [x, y + height],
      [x + width, y + height],
    ] as const
    const places = corners.map(([cx, cy]) => apply(homography, cx, cy))
    const inside = (value: number) => Math.min(1, Math.max(0, value))
    const [left, right] = [Math.min(...places.map(p => p.x)), Math.max(...places.map(p => p.x))].map(inside)
    const [top, bottom] = [Math.min(...places.map(p => p.y)), Math.max(...places.map(p => p.y))].map(inside)
    return { x: left ?? 0, y: top ?? 0, width: (right ?? 1) - (left ?? 0), height: (bottom ?? 1) - (top ?? 0) }
  }
}

/** Follows a box through a film by stepping through it; stops at `toMs`, or when asked. */
export async function followBox(o: {
  readonly video: HTMLVideoElement
  readonly box: Region
  readonly fromMs: number
  readonly toMs: number
  readonly signal: AbortSignal
  readonly onProgress: (share: number) => void
}): Promise<BoxAt[]> {
  const { video, fromMs, toMs } = o
  const canvas = document.createElement('canvas')
  const look = (): Grey => {
    const { width, height } = workSize(video.videoWidth, video.videoHeight)
    if (canvas.width !== width) canvas.width = width
    if (canvas.height !== height) canvas.height = height
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return { width, height, data: new Uint8Array(width * height) }
    context.drawImage(video, 0, 0, width, height)
    return greyOfRgba(context.getImageData(0, 0, width, height).data, width, height)
  }
  await seekTo(video, fromMs)
  const follower = new BoxFollower(look(), o.box)
  const found: BoxAt[] = [{ atMs: fromMs, box: o.box }]
  for (let atMs = fromMs + FOLLOW_STEP_MS; atMs < toMs && !o.signal.aborted; atMs += FOLLOW_STEP_MS) {
    await seekTo(video, atMs)
    const box = follower.next(look())
    // One that is lost twice in a row says nothing new.
    if (box !== null || found.at(-1)?.box !== null) found.push({ atMs: Math.round(atMs), box })
    o.onProgress((atMs - fromMs) / (toMs - fromMs))
  }
  return found
}

function seekTo(video: HTMLVideoElement, atMs: number): Promise<void> {
  return new Promise(resolve => {
    video.addEventListener('seeked', () => resolve(), { once: true })
    video.currentTime = atMs / 1000
  })
}
