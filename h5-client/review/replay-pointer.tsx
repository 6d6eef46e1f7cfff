import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Surface } from '../../signaling/protocol/stage.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { POINTER_FADE_MS, paintPointer } from '../shared/paint-pointer.ts'
import type { Rect } from '../shared/picture-rect.ts'
import { pointersAt } from './pointers-at.ts'
import type { ReplayIndex } from './replay-index.ts'

type Props = { readonly index: ReplayIndex; readonly atMs: number; readonly on: Surface; readonly rect: Rect }

/** Where people pointed on a page at this moment; the record keeps a few places a second. */
export function ReplayPointer({ index, atMs, on, rect }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const ways = pointersAt(index.between(atMs - POINTER_FADE_MS, atMs), on)
  const showing = useRef(false)
  useLayoutEffect(() => {
    if (!canvas.current || rect.width === 0 || (ways.length === 0 && !showing.current)) return
    showing.current = ways.length > 0
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    const context = fitCanvas(canvas.current, whole)
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    for (const way of ways) paintPointer(context, way, whole, atMs, still)
  })
  return (
    <canvas
      ref={canvas}
      class="replay-pointer"
      data-test="replay-pointer"
      data-pointers={ways.length}
      style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
    />
  )
}
