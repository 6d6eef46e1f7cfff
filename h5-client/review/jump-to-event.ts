import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { isShown, type ReplayView } from './replay-view.ts'

/** A second press of "previous" shall not find the event it has just jumped to. */
const NEAR_MS = 250

/** To the next or previous event among those that are shown. */
export function jumpToEvent(player: ReplayPlayer, index: ReplayIndex, view: ReplayView, step: 1 | -1): void {
  const { atMs } = player.state.get()
  const choice = view.state.get()
  const events = index.entries.filter(entry => isShown(entry, choice))
  const next =
    step === 1 ? events.find(entry => entry.atMs > atMs + 1) : events.findLast(entry => entry.atMs < atMs - NEAR_MS)
  if (next) player.seek(next.atMs)
}
