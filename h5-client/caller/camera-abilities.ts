import type { CameraAbilities } from '../../signaling/protocol/phone.ts'

/** What browsers say about a camera beyond what TypeScript's library knows. */
export type CameraCapabilities = MediaTrackCapabilities & {
  readonly torch?: boolean
  readonly zoom?: { readonly min?: number; readonly max?: number; readonly step?: number }
  readonly focusMode?: readonly string[]
}
type PhotoCapabilities = {
  readonly imageWidth?: { readonly max?: number }
  readonly imageHeight?: { readonly max?: number }
}
/** The part of ImageCapture used here; iOS has it from 18.4, Firefox has none. */
export type PhotoCamera = {
  takePhoto?: (settings?: { imageWidth?: number; imageHeight?: number }) => Promise<Blob>
  grabFrame?: () => Promise<ImageBitmap>
  getPhotoCapabilities?: () => Promise<PhotoCapabilities>
}
type WithImageCapture = { readonly ImageCapture?: new (track: MediaStreamTrack) => PhotoCamera }

/** Some phones answer no more once asked; nothing may wait for them. */
const ASK_MS = 2_000
/** Much more than any screen shows; a larger photo costs time on a mobile network and is made smaller at the server. */
export const LONGEST_PHOTO_PX = 4096

/** Undefined where the browser takes no photos, or refuses this track. */
export function photoCameraOf(track: MediaStreamTrack): PhotoCamera | undefined {
  const { ImageCapture } = globalThis as WithImageCapture
  if (ImageCapture === undefined || track.readyState !== 'live') return undefined
  try {
    return new ImageCapture(track)
  } catch {
    return undefined
  }
}

/** Asked of the running track: what a browser supports in general says nothing about this camera. */
export function capabilitiesOf(track: MediaStreamTrack): CameraCapabilities {
  try {
    return (track.getCapabilities?.() ?? {}) as CameraCapabilities
  } catch {
    return {}
  }
}

/** What can be turned on this camera, said at once. */
export function operable(track: MediaStreamTrack): Pick<CameraAbilities, 'torch' | 'zoom' | 'focusPoint'> {
  const can = capabilitiesOf(track)
  const { zoom } = can
  const supported = navigator.mediaDevices?.getSupportedConstraints?.() as Record<string, boolean> | undefined
  return {
    torch: can.torch === true,
    ...(zoom?.min !== undefined &&
      zoom.max !== undefined &&
      zoom.max > zoom.min && { zoom: { min: zoom.min, max: zoom.max, step: zoom.step || 0.1 } }),
    // A point alone moves nothing: the lens must also be told to focus once more.
    focusPoint: supported?.pointsOfInterest === true && (can.focusMode ?? []).some(mode => FOCUS_MODES.includes(mode)),
  }
}

/** What the agent may be offered. Never throws: a camera that says nothing can do nothing but film. */
export async function abilitiesOf(track: MediaStreamTrack): Promise<CameraAbilities> {
  const can = capabilitiesOf(track)
  const photo = photoCameraOf(track)
  const sizes = await photoSize(photo)
  return {
    ...operable(track),
    still: photo?.takePhoto !== undefined ? 'photo' : 'frame',
    maxWidthPx: Math.max(sizes.width, can.width?.max ?? 0, track.getSettings().width ?? 0),
    maxHeightPx: Math.max(sizes.height, can.height?.max ?? 0, track.getSettings().height ?? 0),
  }
}

/** Best first: one focusing on a point, else the lens that keeps looking there. */
export const FOCUS_MODES: readonly string[] = ['single-shot', 'continuous']

async function photoSize(photo: PhotoCamera | undefined): Promise<{ width: number; height: number }> {
  const asked = photo?.getPhotoCapabilities?.() ?? Promise.resolve(undefined)
  const found = await inTime(asked, ASK_MS).catch(() => undefined)
  return { width: found?.imageWidth?.max ?? 0, height: found?.imageHeight?.max ?? 0 }
}

/** The size to ask a photo of: the camera's largest, within bounds. Undefined: as the camera likes. */
export async function largestPhoto(
  photo: PhotoCamera,
): Promise<{ imageWidth: number; imageHeight: number } | undefined> {
  const { width, height } = await photoSize(photo)
  if (width === 0 || height === 0) return undefined
  const shrink = Math.min(1, LONGEST_PHOTO_PX / Math.max(width, height))
  return { imageWidth: Math.round(width * shrink), imageHeight: Math.round(height * shrink) }
}

/** @throws Error when it takes longer than that */
export function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms`)), timeoutMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
