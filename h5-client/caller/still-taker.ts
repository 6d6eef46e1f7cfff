import { inTime, LONGEST_PHOTO_PX, largestPhoto, photoCameraOf } from './camera-abilities.ts'

/** `photo`: taken by the phone's own photo function; `frame`: the largest frame of its film. */
export type Shot = { readonly blob: Blob; readonly kind: 'photo' | 'frame' }
/** Why there is no picture; the agent reads it. */
export class StillMissed extends Error {
  override name = 'StillMissed'
}

/** A phone that has to focus and expose takes a second or two; one that needs longer has hung. */
const PHOTO_MS = 4_000
const FRAME_MS = 2_000
/** A photo function that failed this often is not asked again: every try keeps the agent waiting. */
const MAX_PHOTO_FAILURES = 2
const JPEG_QUALITY = 0.92

/** Takes the best still a phone can: a photo where that works, else the largest frame. One at a time. */
export class StillTaker {
  #photoFailures = 0

  /** `preview` shows the track already; where there is no grabFrame its picture is drawn. @throws {StillMissed} */
  async take(track: MediaStreamTrack, preview: HTMLVideoElement | undefined): Promise<Shot> {
    if (track.readyState !== 'live' || !track.enabled) throw new StillMissed('the camera is off')
    const photo = this.#photoFailures < MAX_PHOTO_FAILURES ? await this.#photo(track) : undefined
    if (photo !== undefined) return { blob: photo, kind: 'photo' }
    return { blob: await frame(track, preview), kind: 'frame' }
  }

  async #photo(track: MediaStreamTrack): Promise<Blob | undefined> {
    const camera = photoCameraOf(track)
    if (camera?.takePhoto === undefined) return undefined
    try {
      const size = await largestPhoto(camera)
      const blob = await inTime(camera.takePhoto(size), PHOTO_MS)
      if (blob.size === 0) throw new Error('an empty photo')
      this.#photoFailures = 0
      return blob.type === 'image/jpeg' ? blob : await jpegOf(await createImageBitmap(blob))
    } catch {
      this.#photoFailures += 1
      return undefined
    }
  }
}

async function frame(track: MediaStreamTrack, preview: HTMLVideoElement | undefined): Promise<Blob> {
  try {
    const grabbed = await inTime(photoCameraOf(track)?.grabFrame?.() ?? Promise.reject(new Error('none')), FRAME_MS)
    return await jpegOf(grabbed)
  } catch {
    // What the person sees is what is drawn: upright also where the track claims to lie on its side.
    if (preview !== undefined) await shown(preview)
    if (preview === undefined || preview.videoWidth === 0) throw new StillMissed('the camera gives no picture')
    return jpegOf(preview)
  }
}

/** A camera that was opened a moment ago has not painted its first frame yet. */
async function shown(preview: HTMLVideoElement): Promise<void> {
  if (preview.videoWidth > 0) return
  const painted = new Promise<void>(resolve => preview.addEventListener('resize', () => resolve(), { once: true }))
  await inTime(painted, FRAME_MS).catch(() => {})
}

/** The picture as JPEG, no longer than `longestPx`. @throws {StillMissed} when the browser cannot encode it */
export async function jpegOf(
  picture: ImageBitmap | HTMLVideoElement,
  longestPx = LONGEST_PHOTO_PX,
  quality = JPEG_QUALITY,
): Promise<Blob> {
  const isVideo = 'videoWidth' in picture
  const width = isVideo ? picture.videoWidth : picture.width
  const height = isVideo ? picture.videoHeight : picture.height
  const shrink = Math.min(1, longestPx / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * shrink))
  canvas.height = Math.max(1, Math.round(height * shrink))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  if (!isVideo) picture.close()
  const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/jpeg', quality))
  // Old iPhones give a canvas its memory back only so.
  canvas.width = 0
  if (blob === null) throw new StillMissed('the picture could not be encoded')
  return blob
}
