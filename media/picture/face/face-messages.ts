/** Parent to face process; the pool adds a number. Both are encoded pictures. */
export type FaceJob = { readonly document: Uint8Array; readonly live: Uint8Array }

/** How alike the faces are: the distance of their descriptors, and the probability-like score made of it. */
export type FaceResult =
  | { readonly outcome: 'no-face-on-document' | 'no-live-face' | 'several-faces' }
  | { readonly outcome: 'compared'; readonly distance: number }
