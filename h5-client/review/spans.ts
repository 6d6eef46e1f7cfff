import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { FIRST_MOMENT, foldMoment } from './replay-index.ts'

/** A stretch of the call's clock in milliseconds. */
export type Span = { readonly fromMs: number; readonly toMs: number }
export type Spans = {
  /** The caller's camera was sending. */
  readonly camera: readonly Span[]
  /** A frozen page was on the stage. */
  readonly pages: readonly Span[]
}

/** Where on the timeline there was something to see. Pure. */
export function spansOf(entries: readonly JournalEntry[], durationMs: number): Spans {
  const camera: Span[] = []
  const pages: Span[] = []
  let moment = FIRST_MOMENT
  let cameraSince: number | undefined
  let pageSince: number | undefined
  const step = (since: number | undefined, on: boolean, atMs: number, spans: Span[]) => {
    if (on) return since ?? atMs
    if (since !== undefined && atMs > since) spans.push({ fromMs: since, toMs: atMs })
    return undefined
  }
  for (const entry of entries) {
    moment = foldMoment(moment, entry)
    cameraSince = step(cameraSince, moment.camera === 'live', entry.atMs, camera)
    pageSince = step(pageSince, moment.stage.showing !== 'live', entry.atMs, pages)
  }
  step(cameraSince, false, durationMs, camera)
  step(pageSince, false, durationMs, pages)
  return { camera, pages }
}
