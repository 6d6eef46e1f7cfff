import { useEffect } from 'preact/hooks'
import { isDetail } from '../shared/console/entry-words.ts'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'

const STEP_MS = 5_000
const SMALL_STEP_MS = 1_000
/** A second press of "previous" shall not find the event it has just jumped to. */
const NEAR_MS = 250

function jumpToEvent(player: ReplayPlayer, index: ReplayIndex, step: 1 | -1): void {
  const { atMs } = player.state.get()
  const events = index.entries.filter(entry => !isDetail(entry))
  const next =
    step === 1 ? events.find(entry => entry.atMs > atMs + 1) : events.findLast(entry => entry.atMs < atMs - NEAR_MS)
  if (next) player.seek(next.atMs)
}

/** Space, arrows and brackets play the replay from anywhere but a text field. */
export function useReplayKeys(player: ReplayPlayer, index: ReplayIndex): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return
      if (event.target.closest('input:not([type="range"], [type="checkbox"]), textarea, select')) return
      const stepMs = event.shiftKey ? SMALL_STEP_MS : STEP_MS
      switch (event.key) {
        case ' ':
          // On a button, space presses that button.
          if (event.target.closest('button, a, summary, input')) return
          player.toggle()
          break
        case 'ArrowLeft':
          player.step(-stepMs)
          break
        case 'ArrowRight':
          player.step(stepMs)
          break
        case '[':
          jumpToEvent(player, index, -1)
          break
        case ']':
          jumpToEvent(player, index, 1)
          break
        default:
          return
      }
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [player, index])
}
