import { placeText } from '../shared/console/durations.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** The originals: what was recorded, from when to when, and how completely. */
export function TrackCard({ state }: ReplayProps) {
  const { record } = state.opened
  const { words, number } = useSpeech()
  return (
    <section class="card">
      <h2>{words.tracks}</h2>
      <ul class="people">
        {record.tracks.map(track => (
          <li key={track.file}>
            <span>
              {words.common.tracks[track.track]} · {track.codec}
              <br />
              <code>{track.file}</code>
              <br />
              <span class="quiet">
                {placeText(track.startsAtMs)}–{placeText(track.endsAtMs)}
                {' · '}
                <span class={track.packets < track.packetsReceived ? 'incomplete' : undefined}>
                  {words.packets(number(track.packets), number(track.packetsReceived))}
                </span>
                {track.gaps.length > 0 ? ` · ${words.gaps(number(track.gaps.length))}` : ''}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {record.remarks.length > 0 ? (
        <>
          <h2>{words.remarks}</h2>
          <ul class="problems">
            {record.remarks.map(remark => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}
