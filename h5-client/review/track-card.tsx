import { placeText } from '../shared/console/durations.ts'
import { findingWords } from './finding-words.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** The originals: what was recorded, from when to when, and how completely. */
export function TrackCard({ state }: ReplayProps) {
  const { record } = state.opened
  const speech = useSpeech()
  const { words, number } = speech
  const { findings = [], remarks } = record
  // The seal writes each finding down once more as a remark, after those of the recorder.
  const own = remarks.slice(0, Math.max(0, remarks.length - findings.length))
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
      {remarks.length > 0 ? (
        <>
          <h2>{words.remarks}</h2>
          <ul class="problems">
            {own.map(remark => (
              <li key={remark} lang="en">
                {remark}
              </li>
            ))}
            {findings
              .map(finding => findingWords(finding, speech))
              .map(text => (
                <li key={text}>{text}</li>
              ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}
