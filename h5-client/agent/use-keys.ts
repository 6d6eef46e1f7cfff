import { useEffect } from 'preact/hooks'
import { AGENT_COLOURS } from '../../signaling/protocol/mark-kinds.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import type { Desk } from './desk.ts'
import { liveCall, ringingCalls, takesPhotos } from './desk-state.ts'
import { type Command, commandOf } from './keys.ts'
import { surfaceOf } from './surface.ts'

/** The button that a key stands for knows best whether it may be pressed now, so keys press buttons. */
const BUTTONS: Partial<Record<Command['kind'], string>> = {
  answer: 'answer',
  decline: 'decline',
  'hang-up': 'hang-up',
  mute: 'mute',
  hold: 'hold',
  keypad: 'keypad',
  transfer: 'transfer',
  swap: 'swap',
  connect: 'connect',
  'send-code': 'send-code',
  freeze: 'freeze',
  live: 'live',
  undo: 'undo',
  redo: 'redo',
  clear: 'clear',
  'read-text': 'read-text',
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type="checkbox"], [type="range"]), textarea, select') !== null
  )
}

export function press(name: string): void {
  document.querySelector<HTMLButtonElement>(`button[data-test="${name}"]:not(:disabled)`)?.click()
}

function turnPage(desk: Desk, step: 1 | -1): void {
  const stage = liveCall(desk.state.get())?.stage
  if (!stage) return
  const from = desk.stage.aim ?? stage.showing
  const index = stage.pages.findIndex(page => page.page.id === from)
  const next = stage.pages[index === -1 ? (step === -1 ? stage.pages.length - 1 : 0) : index + step]
  if (next) void desk.stage.showPage(next.page.id)
}

function act(desk: Desk, command: Command): void {
  switch (command.kind) {
    case 'tool':
      desk.drawing.choose(command.tool)
      break
    case 'no-tool':
      desk.drawing.choose(undefined)
      break
    case 'colour': {
      const colour = AGENT_COLOURS[command.index]
      if (colour) desk.drawing.colour(colour)
      break
    }
    case 'previous-page':
      turnPage(desk, -1)
      break
    case 'next-page':
      turnPage(desk, 1)
      break
    default: {
      const button = BUTTONS[command.kind]
      if (button) press(button)
    }
  }
}

/** The keyboard of the workbench. Typing in a field is never a command. */
export function useKeys(desk: Desk): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat || isTyping(event.target)) return
      // Enter and space on a focused button belong to that button.
      const onButton = event.target instanceof HTMLElement && event.target.closest('button, a, summary') !== null
      if (onButton && (event.key === 'Enter' || event.key === ' ')) return
      const state = desk.state.get()
      const live = liveCall(state)
      const hasPicture = desk.media.state.get().picture !== undefined
      const command = commandOf(
        { key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey },
        {
          ringing: ringingCalls(state).length > 0,
          live: live !== undefined,
          page: live !== undefined && shownPage(live.stage) !== undefined,
          picture: live?.stage.showing === 'live' && (hasPicture || takesPhotos(live)),
          ink: surfaceOf(live, hasPicture) !== undefined,
        },
      )
      if (!command) return
      event.preventDefault()
      act(desk, command)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [desk])
}
