import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Region } from '../../signaling/protocol/reading.ts'

/** Smaller than this share of a side is a click that slipped. */
const LEAST = 0.005
const percent = (share: number) => `${share * 100}%`

export function boxStyle({ x, y, width, height }: Region) {
  return { left: percent(x), top: percent(y), width: percent(width), height: percent(height) }
}

type Props = {
  readonly boxes: readonly Region[]
  readonly label: string
  readonly onDraw: (box: Region) => void
  /** The picture, filling the element. */
  readonly children: ComponentChildren
}

/** A picture on which boxes are drawn by dragging; places are in 0..1 of it. */
export function RedactBoxes({ boxes, label, onDraw, children }: Props) {
  const [from, setFrom] = useState<readonly [number, number] | undefined>()
  const [drawn, setDrawn] = useState<Region | undefined>()
  const place = useRef<HTMLDivElement>(null)
  const at = (event: PointerEvent): readonly [number, number] => {
    const rect = place.current?.getBoundingClientRect()
    if (!rect) return [0, 0]
    const share = (value: number) => Math.min(1, Math.max(0, value))
    return [share((event.clientX - rect.left) / rect.width), share((event.clientY - rect.top) / rect.height)]
  }
  const between = ([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): Region => ({
    ...{ x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x1 - x2), height: Math.abs(y1 - y2) },
  })
  return (
    <div
      class="redact-place"
      ref={place}
      role="img"
      aria-label={label}
      data-test="redact-place"
      onPointerDown={event => {
        event.preventDefault()
        place.current?.setPointerCapture(event.pointerId)
        setFrom(at(event))
      }}
      onPointerMove={event => from && setDrawn(between(from, at(event)))}
      onPointerUp={event => {
        const box = from && between(from, at(event))
        setFrom(undefined)
        setDrawn(undefined)
        if (box && box.width > LEAST && box.height > LEAST) onDraw(box)
      }}
    >
      {children}
      {[...boxes, ...(drawn ? [drawn] : [])].map((box, i) => (
        <span key={i} class="redact-box" data-test="redact-box" style={boxStyle(box)} />
      ))}
    </div>
  )
}
