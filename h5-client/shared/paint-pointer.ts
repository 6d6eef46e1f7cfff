import { markWidth } from './mark-style.ts'
import { fromUnit, type Rect } from './picture-rect.ts'

/** A pointer that rests is gone after this time. */
export const POINTER_FADE_MS = 1_500
/** How long the way it came is seen. */
const TAIL_MS = 350
/** From here on it pales. */
const PALES_AFTER_MS = 700
const COLOUR = '255, 45, 45'

/** Where a pointer was: 0..1 of the picture, on the page's own clock. */
export type PointerSample = { readonly x: number; readonly y: number; readonly atMs: number }
export type PointerContext = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'fill'
  | 'stroke'
  | 'lineWidth'
  | 'lineCap'
  | 'strokeStyle'
  | 'fillStyle'
>

/** What is still to be seen of a way: the newest place, and those of the tail. Empty when the pointer has faded. */
export function freshSamples(samples: readonly PointerSample[], nowMs: number): readonly PointerSample[] {
  const newest = samples[samples.length - 1]
  if (!newest || nowMs - newest.atMs >= POINTER_FADE_MS) return []
  return samples.filter(sample => sample === newest || nowMs - sample.atMs < TAIL_MS)
}

/**
 * Paints a laser pointer: a dot where it is, with the short way it came; it leaves no ink. `still` (reduced motion): the
 * dot alone, which neither pales nor draws a tail.
 */
export function paintPointer(
  context: PointerContext,
  samples: readonly PointerSample[],
  rect: Rect,
  nowMs: number,
  still = false,
): void {
  const fresh = freshSamples(samples, nowMs)
  const newest = fresh[fresh.length - 1]
  if (!newest) return
  const radius = Math.max(7, markWidth(rect) * 1.6)
  const ageMs = nowMs - newest.atMs
  const strength = still ? 1 : 1 - Math.max(0, ageMs - PALES_AFTER_MS) / (POINTER_FADE_MS - PALES_AFTER_MS)
  context.save()
  if (!still) {
    context.lineCap = 'round'
    for (let index = 1; index < fresh.length; index++) {
      const [from, to] = [fresh[index - 1] as PointerSample, fresh[index] as PointerSample]
      const youth = Math.max(0, 1 - (nowMs - to.atMs) / TAIL_MS)
      context.beginPath()
      context.moveTo(...place(rect, from))
      context.lineTo(...place(rect, to))
      context.lineWidth = Math.max(1, radius * 1.5 * youth)
      context.strokeStyle = `rgba(${COLOUR}, ${(0.55 * youth * strength).toFixed(3)})`
      context.stroke()
    }
  }
  const [x, y] = place(rect, newest)
  for (const [size, colour] of [
    [1.9, `rgba(${COLOUR}, ${(0.3 * strength).toFixed(3)})`],
    [1, `rgba(${COLOUR}, ${strength.toFixed(3)})`],
    [0.4, `rgba(255, 255, 255, ${strength.toFixed(3)})`],
  ] as const) {
    context.beginPath()
    context.arc(x, y, radius * size, 0, Math.PI * 2)
    context.fillStyle = colour
    context.fill()
  }
  context.restore()
}

function place(rect: Rect, { x, y }: PointerSample): readonly [number, number] {
  const at = fromUnit(rect, [x, y])
  return [at.x, at.y]
}
