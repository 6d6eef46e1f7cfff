import { type Ink, visibleInk } from '../../signaling/protocol/ink.ts'
import { type Surface, shownPage } from '../../signaling/protocol/stage.ts'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import type { JoinedCall } from './desk-state.ts'

export type DrawnOn = { readonly on: Surface; readonly ink: Ink; readonly marks: number }

/** What the agent can draw on now, if this kind of call allows it: the page shown, or the moving picture. */
export function surfaceOf(call: JoinedCall | undefined, hasPicture: boolean): DrawnOn | undefined {
  if (!call?.view.tools.includes('draw')) return undefined
  const { stage, view } = call
  const page = shownPage(stage)
  if (page) return page.picture ? { on: page.page.id, ink: page.ink, marks: page.marks.length } : undefined
  // On hold the picture stands still and the caller does not see it: a mark on it would point at nothing.
  if (stage.showing !== 'live' || !hasPicture || isOnHold(view) || !view.tools.includes('live-marks')) return undefined
  return { on: 'live', ink: stage.live, marks: visibleInk(stage.live).length }
}
