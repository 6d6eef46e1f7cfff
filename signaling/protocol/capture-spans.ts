import type { PauseTrigger, ResumeCause } from './capture.ts'
import type { JournalEntry } from './journal-entry.ts'

/** A stretch behind the card shutter, on the call's clock. `because` is missing when the call ended meanwhile. */
export type CapturePause = {
  readonly fromMs: number
  readonly toMs: number
  readonly trigger: PauseTrigger
  readonly because?: ResumeCause
}

/** Where nothing was captured because a card was paid with. Pure; for replay, derivatives and checks. */
export function capturePauses(entries: readonly JournalEntry[]): CapturePause[] {
  const pauses: CapturePause[] = []
  let open: { fromMs: number; trigger: PauseTrigger } | undefined
  for (const entry of entries) {
    if (entry.type === 'capture.paused') open = { fromMs: entry.atMs, trigger: entry.trigger }
    else if (open && entry.type === 'capture.resumed') {
      pauses.push({ ...open, toMs: entry.atMs, because: entry.because })
      open = undefined
    } else if (open && entry.type === 'call.ended') pauses.push({ ...open, toMs: entry.atMs })
  }
  return pauses
}
