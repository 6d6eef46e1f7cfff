import type { Region } from '../../../signaling/protocol/reading.ts'

/** Parent to face process; the pool adds a number. All are encoded pictures. */
export type FaceJob =
  | { readonly document: Uint8Array; readonly live: Uint8Array }
  /** Where faces are, and nothing else of them. */
  | { readonly find: Uint8Array }
export type FoundFace = { readonly box: Region; readonly confidence: number }

/** How alike the faces are: the distance of their descriptors, and the probability-like score made of it. */
export type FaceResult =
  | { readonly outcome: 'no-face-on-document' | 'no-live-face' | 'several-faces' }
  | { readonly outcome: 'compared'; readonly distance: number }
  | { readonly outcome: 'found'; readonly faces: readonly FoundFace[] }
