import type { Point } from '../../signaling/protocol/mark.ts'

/** In CSS pixels (or any one unit), from the top left of the box. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export type Size = { readonly width: number; readonly height: number }

/** Where `object-fit: contain` puts a picture inside a box. An empty picture fills the box. */
export function containRect(box: Size, picture: Size): Rect {
  if (picture.width <= 0 || picture.height <= 0) return { x: 0, y: 0, width: box.width, height: box.height }
  const scale = Math.min(box.width / picture.width, box.height / picture.height)
  const width = picture.width * scale
  const height = picture.height * scale
  return { x: (box.width - width) / 2, y: (box.height - height) / 2, width, height }
}

/** The part of a picture's rectangle that lies inside the box. */
export function clipped(rect: Rect, box: Size): Rect {
  const x = Math.max(0, rect.x)
  const y = Math.max(0, rect.y)
  const width = Math.max(0, Math.min(box.width, rect.x + rect.width) - x)
  const height = Math.max(0, Math.min(box.height, rect.y + rect.height) - y)
  return { x, y, width, height }
}

/** A place in the box → 0..1 of the picture; places outside the picture are pulled to its edge. */
export function toUnit(rect: Rect, x: number, y: number): Point {
  return [clamp((x - rect.x) / rect.width), clamp((y - rect.y) / rect.height)]
}

/** 0..1 of the picture → a place in the box. */
export function fromUnit(rect: Rect, [x, y]: Point): { readonly x: number; readonly y: number } {
  return { x: rect.x + x * rect.width, y: rect.y + y * rect.height }
}

export function isInside(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && y >= rect.y && x <= rect.x + rect.width && y <= rect.y + rect.height
}

/** Rounded to 1/8192, finer than any pixel here and shorter on the wire. */
function clamp(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value || 0)) * 8192) / 8192
}
