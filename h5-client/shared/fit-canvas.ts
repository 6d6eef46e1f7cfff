import type { Size } from './picture-rect.ts'

/**
 * Gives a canvas the device pixels of its CSS size and returns a cleared context in CSS pixels.
 * Cheap when nothing changed, so it may be called before every painting.
 */
export function fitCanvas(canvas: HTMLCanvasElement, size: Size): CanvasRenderingContext2D {
  const ratio = Math.min(devicePixelRatio || 1, 3)
  const width = Math.max(1, Math.round(size.width * ratio))
  const height = Math.max(1, Math.round(size.height * ratio))
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no 2d canvas in this browser')
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, size.width, size.height)
  return context
}
