import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Size } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import { panned, zoomedBy } from './zoom.ts'

/** A wheel notch is about 100; a pinch on a trackpad comes as a wheel with Ctrl in small steps. */
const WHEEL_PER_DOUBLING = 300
const PINCH_PER_DOUBLING = 60

type Place = { readonly x: number; readonly y: number }
const middle = (a: Place, b: Place): Place => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })

/**
 * Looking closely at a page: the wheel and two fingers zoom about the place under them; the middle button, or the left
 * one while no tool is chosen, moves the picture.
 */
export function usePan(box: RefObject<HTMLDivElement | null>, active: boolean, stage: Size, picture: Size): void {
  const { desk } = useBench()
  const sizes = useRef({ stage, picture })
  sizes.current = { stage, picture }
  useEffect(() => {
    const element = box.current
    if (!element || !active) return
    const zoom = (factor: number, at?: Place) =>
      desk.look.zoom(now => zoomedBy(sizes.current.stage, sizes.current.picture, now, factor, at))
    const move = (dx: number, dy: number) =>
      desk.look.zoom(now => panned(sizes.current.stage, sizes.current.picture, now, dx, dy))
    const placeOf = (event: MouseEvent): Place => {
      const { left, top } = element.getBoundingClientRect()
      return { x: event.clientX - left, y: event.clientY - top }
    }
    /** Pointers that move the picture, by id: one pans, two (fingers) zoom. */
    const held = new Map<number, Place>()
    const wheel = (event: WheelEvent) => {
      if (event.target instanceof Element && event.target.closest('.picture-bar, .region-menu')) return
      event.preventDefault()
      const delta = event.deltaY * (event.deltaMode === 1 ? 33 : 1)
      zoom(2 ** (-delta / (event.ctrlKey ? PINCH_PER_DOUBLING : WHEEL_PER_DOUBLING)), placeOf(event))
    }
    const down = (event: PointerEvent) => {
      const { mode, zoom: now } = desk.look.state.get()
      const free = desk.drawing.state.get().tool === undefined && mode === 'draw'
      const onButton = event.target instanceof Element && event.target.closest('button, input') !== null
      if (onButton) return
      const second = event.pointerType === 'touch' && held.size === 1
      if (
        event.button !== 1 &&
        !(event.button === 0 && free && (now.scale > 1 || event.pointerType === 'touch')) &&
        !second
      )
        return
      event.preventDefault()
      event.stopPropagation()
      element.setPointerCapture(event.pointerId)
      held.set(event.pointerId, placeOf(event))
      element.classList.add('panning')
    }
    const drag = (event: PointerEvent) => {
      const former = held.get(event.pointerId)
      if (!former) return
      const place = placeOf(event)
      held.set(event.pointerId, place)
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1]
      if (other) {
        const distance = Math.hypot(former.x - other.x, former.y - other.y)
        if (distance > 0) zoom(Math.hypot(place.x - other.x, place.y - other.y) / distance, middle(place, other))
      } else move(place.x - former.x, place.y - former.y)
    }
    const up = (event: PointerEvent) => {
      held.delete(event.pointerId)
      if (held.size === 0) element.classList.remove('panning')
    }
    element.addEventListener('wheel', wheel, { passive: false })
    // Before the canvas: what moves the picture draws nothing on it.
    element.addEventListener('pointerdown', down, true)
    element.addEventListener('pointermove', drag)
    element.addEventListener('pointerup', up)
    element.addEventListener('pointercancel', up)
    return () => {
      element.classList.remove('panning')
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('pointerdown', down, true)
      element.removeEventListener('pointermove', drag)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('pointercancel', up)
    }
  }, [box, active, desk])
}
