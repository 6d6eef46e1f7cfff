import { useEffect } from 'preact/hooks'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { type AssistCommand, assistCommandOf } from './assist-keys.ts'
import type { Desk } from './desk.ts'
import { liveCall } from './desk-state.ts'
import { isTyping, press } from './use-keys.ts'
import { panned, WHOLE, ZOOM_STEP, zoomedBy } from './zoom.ts'

/** Of the stage's shorter side, for one press of an arrow key. */
const PAN_PART = 0.12

function look(desk: Desk, command: Extract<AssistCommand, { kind: 'zoom' | 'pan' }>): void {
  const stage = document.querySelector<HTMLElement>('[data-test="stage"]')
  const call = liveCall(desk.state.get())
  const page = call && shownPage(call.stage)
  if (!stage || !page?.picture) return
  const size = { width: stage.clientWidth, height: stage.clientHeight }
  const picture = { width: page.picture.widthPx, height: page.picture.heightPx }
  if (command.kind === 'pan') {
    const stepPx = Math.min(size.width, size.height) * PAN_PART
    desk.look.zoom(zoom => panned(size, picture, zoom, command.dx * stepPx, command.dy * stepPx))
  } else if (command.to === 'whole') {
    desk.look.zoom(() => WHOLE)
  } else {
    desk.look.zoom(zoom => zoomedBy(size, picture, zoom, command.to === 'in' ? ZOOM_STEP : 1 / ZOOM_STEP))
  }
}

/** The assistants' half of the keyboard. What `useKeys` has taken is not taken again. */
export function useAssistKeys(desk: Desk): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return
      // A slider keeps its arrows.
      if (event.target instanceof HTMLInputElement) return
      const call = liveCall(desk.state.get())
      const state = desk.look.state.get()
      const command = assistCommandOf(
        { key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey },
        {
          live: call !== undefined,
          picture: call !== undefined && shownPage(call.stage)?.picture !== undefined,
          zoomed: state.zoom.scale > 1,
          region: state.mode !== 'draw' || state.selection !== undefined,
        },
      )
      if (!command) return
      if (event.repeat && command.kind !== 'pan' && command.kind !== 'zoom') return
      event.preventDefault()
      switch (command.kind) {
        case 'press':
          press(command.button)
          break
        case 'unselect':
          desk.look.unselect()
          desk.look.setMode('draw')
          break
        default:
          look(desk, command)
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [desk])
}
