import type { Desk } from './desk.ts'
import type { Highlight } from './stage-look.ts'

/** Handlers of a row whose words stand for a place on the page: the mouse over it or the focus in it shows the place. */
export function pointsAt(desk: Desk, place: Highlight | undefined) {
  const show = () => desk.look.highlight(place)
  const hide = () => desk.look.highlight(undefined)
  return { onPointerEnter: show, onPointerLeave: hide, onFocusCapture: show, onBlurCapture: hide }
}
