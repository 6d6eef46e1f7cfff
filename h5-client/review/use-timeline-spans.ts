import { useEffect, useMemo, useState } from 'preact/hooks'
import type { RecordSpan } from '../../signaling/protocol/record-span.ts'
import type { ReplayProps } from './record-props.ts'
import { fetchSpans } from './review-api.ts'
import { type TimelineSpan, timelineSpans } from './timeline-spans.ts'

/** The stretches of an open record; what the recordings themselves tell is added when it has come. */
export function useTimelineSpans({ state, index, player }: ReplayProps): readonly TimelineSpan[] {
  const { record, replay } = state.opened
  const url = replay?.spansUrl
  const [recorded, setRecorded] = useState<readonly RecordSpan[] | undefined>()
  useEffect(() => {
    let gone = false
    setRecorded(undefined)
    // Records muxed before there were any have none; the tracks' own gaps stand in their place.
    if (url !== undefined)
      fetchSpans(url).then(
        spans => !gone && setRecorded(spans),
        () => undefined,
      )
    return () => {
      gone = true
    }
  }, [url])
  const { tracks } = record
  const { durationMs } = player
  return useMemo(
    () => timelineSpans(index.entries, tracks, durationMs, recorded),
    [index, tracks, durationMs, recorded],
  )
}
