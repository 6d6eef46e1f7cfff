import type { CapturePart, PauseTrigger, ResumeCause } from './capture.ts'
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

/** Where a part of the call was to be recorded, by trigger and card shutter; without an entry about it, all along. Pure. */
export function recordedSpans(
  entries: readonly JournalEntry[],
  part: CapturePart,
  durationMs: number,
): { readonly fromMs: number; readonly toMs: number }[] {
  const spans: { fromMs: number; toMs: number }[] = []
  let [on, shut, sinceMs] = [true, false, 0]
  // A voice that is held elsewhere can only be recorded while it is sent here.
  let here = part !== 'voice' || !entries.some(entry => entry.type === 'call.external')
  const turn = (next: { on?: boolean; shut?: boolean; here?: boolean }, atMs: number) => {
    const was = on && !shut && here
    here = next.here ?? here
    on = next.on ?? on
    shut = next.shut ?? shut
    const is = on && !shut && here
    if (was && !is && atMs > sinceMs) spans.push({ fromMs: sinceMs, toMs: atMs })
    if (!was && is) sinceMs = atMs
  }
  for (const entry of entries) {
    if (entry.type === 'capture.paused') turn({ shut: true }, entry.atMs)
    else if (entry.type === 'capture.resumed') turn({ shut: false }, entry.atMs)
    else if (part === 'voice' && entry.type === 'voice.attached') turn({ here: true }, entry.atMs)
    else if (part === 'voice' && entry.type === 'voice.detached') turn({ here: false }, entry.atMs)
    else if (entry.type === 'recording.started' && entry.parts.includes(part)) turn({ on: true }, entry.atMs)
    else if (entry.type === 'recording.stopped' && entry.parts.includes(part)) turn({ on: false }, entry.atMs)
  }
  turn({ on: false }, durationMs)
  return spans
}
