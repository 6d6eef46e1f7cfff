import { useEffect } from 'preact/hooks'
import { toggleFullScreen } from './full-screen.ts'
import { jumpToEvent } from './jump-to-event.ts'
import type { ReplayProps } from './record-props.ts'

const STEP_MS = 5_000
const SMALL_STEP_MS = 1_000

/** Whether the replay may have this key: not while somebody writes, chooses, or a dialog is open. */
function isOurs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return false
  if (document.querySelector('dialog[open]')) return false
  return !event.target.closest('input:not([type="range"], [type="checkbox"]), textarea, select')
}

/** Everything that can be done with a mouse on a replay can be done from the keyboard, from anywhere but a text field. */
export function useReplayKeys({ player, index, view }: ReplayProps): void {
  useEffect(() => {
    const keys: Readonly<Record<string, (shift: boolean) => void>> = {
      ArrowLeft: shift => player.step(-(shift ? SMALL_STEP_MS : STEP_MS)),
      ArrowRight: shift => player.step(shift ? SMALL_STEP_MS : STEP_MS),
      ',': () => void player.frame(-1),
      '.': () => void player.frame(1),
      '[': () => jumpToEvent(player, index, view, -1),
      ']': () => jumpToEvent(player, index, view, 1),
      '-': () => player.changeSpeed(-1),
      '+': () => player.changeSpeed(1),
      '=': () => player.changeSpeed(1),
      Home: () => player.seek(0),
      End: () => player.seek(player.durationMs),
      v: () => view.nextMode(),
      c: () => view.comment(player.state.get().atMs),
      f: () => toggleFullScreen(),
      '?': () => view.showKeys(true),
    }
    const onKey = (event: KeyboardEvent) => {
      if (!isOurs(event)) return
      if (event.key === ' ') {
        // On a button, space presses that button.
        if ((event.target as HTMLElement).closest('button, a, summary, input')) return
        player.toggle()
      } else {
        const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
        if (!run) return
        run(event.shiftKey)
      }
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [player, index, view])
}
