import type { Box } from './homography.ts'
import type { PenDown, PlacePose } from './scene.ts'

/** A frame as a canvas gives it, its memory handed over. */
export type FrameData = { readonly width: number; readonly height: number; readonly rgba: ArrayBuffer }

/** To the worker that follows the marks. */
export type TrackingQuestion =
  | { readonly kind: 'frame'; readonly frameId: number; readonly data: FrameData }
  | {
      readonly kind: 'pen'
      readonly frameId: number
      readonly data: FrameData
      readonly x: number
      readonly y: number
      readonly newId: string
    }
  | { readonly kind: 'features'; readonly placeId: string; readonly features: string; readonly box: Box }
  | { readonly kind: 'box'; readonly placeId: string; readonly box: Box }
  | { readonly kind: 'remove'; readonly placeId: string }

/** From it. `frame` answers `frame`, `pen` answers `pen`. */
export type TrackingAnswer =
  | {
      readonly kind: 'frame'
      readonly frameId: number
      readonly poses: readonly PlacePose[]
      readonly tookMs: number
    }
  | { readonly kind: 'pen'; readonly frameId: number; readonly down: PenDown }
