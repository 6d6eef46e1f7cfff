import { containRect, type Rect, type Size } from '../shared/picture-rect.ts'

/** How closely a page is looked at: `scale` 1 shows it whole; the place of the picture in the middle of the stage, 0..1. */
export type Zoom = { readonly scale: number; readonly x: number; readonly y: number }

export const WHOLE: Zoom = { scale: 1, x: 0.5, y: 0.5 }
export const MAX_SCALE = 12
/** One press of a key or one notch of a wheel. */
export const ZOOM_STEP = 1.25

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

/** Where the picture lies on the stage. It never leaves a gap that it could fill. */
export function zoomedRect(stage: Size, picture: Size, zoom: Zoom): Rect {
  const fitted = containRect(stage, picture)
  if (zoom.scale <= 1) return fitted
  const width = fitted.width * zoom.scale
  const height = fitted.height * zoom.scale
  const place = (box: number, length: number, at: number) =>
    length <= box ? (box - length) / 2 : clamp(box / 2 - at * length, box - length, 0)
  return { x: place(stage.width, width, zoom.x), y: place(stage.height, height, zoom.y), width, height }
}

/** The zoom that shows a rectangle as it lies; the inverse of `zoomedRect`, so that panning never runs into the void. */
function zoomOf(stage: Size, rect: Rect, scale: number): Zoom {
  return { scale, x: (stage.width / 2 - rect.x) / rect.width, y: (stage.height / 2 - rect.y) / rect.height }
}

/** Closer (or farther) by a factor, with the place under `at` (CSS pixels of the stage) staying where it is. */
export function zoomedBy(
  stage: Size,
  picture: Size,
  zoom: Zoom,
  factor: number,
  at: { readonly x: number; readonly y: number } = { x: stage.width / 2, y: stage.height / 2 },
): Zoom {
  const scale = clamp(zoom.scale * factor, 1, MAX_SCALE)
  if (scale === 1) return WHOLE
  const rect = zoomedRect(stage, picture, zoom)
  const unitX = (at.x - rect.x) / rect.width
  const unitY = (at.y - rect.y) / rect.height
  const fitted = containRect(stage, picture)
  const width = fitted.width * scale
  const height = fitted.height * scale
  const wanted = zoomOf(stage, { x: at.x - unitX * width, y: at.y - unitY * height, width, height }, scale)
  return zoomOf(stage, zoomedRect(stage, picture, wanted), scale)
}

/** Moves the picture by so many CSS pixels. */
export function panned(stage: Size, picture: Size, zoom: Zoom, dx: number, dy: number): Zoom {
  if (zoom.scale <= 1) return zoom
  const rect = zoomedRect(stage, picture, zoom)
  const wanted = zoomOf(stage, { ...rect, x: rect.x + dx, y: rect.y + dy }, zoom.scale)
  return zoomOf(stage, zoomedRect(stage, picture, wanted), zoom.scale)
}
