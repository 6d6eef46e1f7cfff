import type { Region } from '../../signaling/protocol/reading.ts'
import type { RedactionItem } from '../../signaling/protocol/redaction.ts'
import { boxDuring } from '../../signaling/protocol/redaction-boxes.ts'

export type FilmSpan = Pick<Extract<RedactionItem, { kind: 'video-region' }>, 'fromMs' | 'toMs' | 'keyframes'>
export type PlannedFrame = {
  readonly atMs: number
  readonly key: boolean
  readonly widthPx: number
  readonly heightPx: number
}
/**
 * Frames `first` to `end` (exclusive) are encoded anew, all of one size; decoding begins at `from`, the key frame before
 * them. All frames outside such runs are copied bit by bit.
 */
export type Recoding = {
  readonly from: number
  readonly first: number
  readonly end: number
  readonly widthPx: number
  readonly heightPx: number
}

/** What to cover in each frame. A frame stands until the next one: it is covered when any of that time is. */
export function coveredBoxes(
  frames: readonly Pick<PlannedFrame, 'atMs'>[],
  spans: readonly FilmSpan[],
  durationMs: number,
): readonly (readonly Region[])[] {
  return frames.map(({ atMs }, i) => {
    const untilMs = frames[i + 1]?.atMs ?? Math.max(durationMs, atMs + 1)
    return spans
      .filter(span => atMs < span.toMs && untilMs > span.fromMs)
      .map(span => boxDuring(span.keyframes, Math.max(atMs, span.fromMs), Math.min(untilMs, span.toMs)))
  })
}

/**
 * The runs to encode anew: from the first covered frame to the next key frame after the last one, for all in between are
 * made of those before. `all`: the codec must change.
 * @throws Error when frames do not begin with a key frame
 */
export function recodings(
  frames: readonly PlannedFrame[],
  boxes: readonly (readonly Region[])[],
  all: boolean,
): readonly Recoding[] {
  const runs: Recoding[] = []
  let key = -1
  let dirty = false
  let open: { from: number; first: number; widthPx: number; heightPx: number } | undefined
  const close = (end: number) => {
    if (open) runs.push({ ...open, end })
    open = undefined
  }
  let [widthPx, heightPx] = [0, 0]
  for (const [i, frame] of frames.entries()) {
    if (frame.key) {
      const turned = frame.widthPx !== widthPx || frame.heightPx !== heightPx
      key = i
      ;[widthPx, heightPx] = [frame.widthPx, frame.heightPx]
      // From a key frame on nothing of the frames before is needed.
      dirty = false
      if (open && turned) close(i)
    }
    if (key === -1) throw new Error('the film does not begin with a key frame')
    dirty ||= all || (boxes[i]?.length ?? 0) > 0
    if (dirty && !open) open = { from: key, first: i, widthPx, heightPx }
    if (!dirty) close(i)
  }
  close(frames.length)
  return runs
}
