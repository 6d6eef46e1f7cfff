import { useMemo } from 'preact/hooks'
import { placeText } from '../shared/console/durations.ts'
import { entryTone, entryWords, participantNames } from '../shared/console/entry-words.ts'
import { useStore } from '../shared/console/use-store.ts'
import { CommentLane } from './comment-lane.tsx'
import { type EventGroup, eventGroup } from './event-groups.ts'
import { MissingList } from './missing-list.tsx'
import type { ReplayProps } from './record-props.ts'
import { isShown } from './replay-view.ts'
import { useSpeech } from './review-words.ts'
import { LANES, type TimelineSpan } from './timeline-spans.ts'

const STEP_MS = 10
/** Narrower than this share of the line, a word has no room. */
const WORD_SHARE = 0.07

type Mark = {
  readonly seq: number
  readonly atMs: number
  readonly left: string
  readonly tone: 'danger' | 'warn' | 'quiet'
  readonly group: EventGroup
  readonly title: string
}

/** One line of time: what was seen, what was missing, what happened when, and the thumb. */
export function Timeline(props: ReplayProps & { readonly spans: readonly TimelineSpan[] }) {
  const { index, player, view, spans } = props
  const { words } = useSpeech()
  const { atMs } = useStore(player.state)
  const choice = useStore(view.state)
  const { durationMs } = player
  const marks = useMemo((): readonly Mark[] => {
    const names = participantNames(index.entries, words.common)
    return index.entries
      .filter(entry => isShown(entry, choice))
      .map(entry => ({
        seq: entry.seq,
        atMs: entry.atMs,
        left: `${Math.min(100, (entry.atMs / Math.max(1, durationMs)) * 100)}%`,
        tone: entryTone(entry),
        group: eventGroup(entry),
        title: words.replay.mark(placeText(entry.atMs), entryWords(entry, words.common, names)),
      }))
  }, [index, durationMs, words, choice])
  const share = durationMs > 0 ? Math.min(1, atMs / durationMs) : 0
  return (
    <div class="timeline" data-test="timeline">
      {LANES.filter(lane => lane !== 'recorder' || spans.some(span => span.lane === lane)).map(lane => (
        <LaneRow
          key={lane}
          label={words.replay.lanes[lane]}
          spans={spans.filter(span => span.lane === lane)}
          durationMs={durationMs}
          share={share}
        />
      ))}
      <div class="time-row">
        <span class="time-label">{words.trackEvents}</span>
        <div class="time-line events" aria-hidden="true" data-test="event-marks">
          {marks.map(mark => (
            <button
              key={mark.seq}
              type="button"
              tabIndex={-1}
              class={`tick ${mark.tone} ${mark.group}`}
              style={{ left: mark.left }}
              title={mark.title}
              onClick={() => player.seek(mark.atMs)}
            />
          ))}
        </div>
      </div>
      <CommentLane {...props} />
      <MissingList spans={spans} player={player} />
      <div class="time-row">
        <span class="time-label" />
        <input
          type="range"
          class="seek"
          data-test="seek"
          min={0}
          max={Math.ceil(durationMs)}
          step={STEP_MS}
          value={Math.round(atMs)}
          aria-label={words.seek}
          aria-valuetext={placeText(atMs)}
          onInput={event => player.seek(Number(event.currentTarget.value))}
        />
      </div>
    </div>
  )
}

type LaneProps = {
  readonly label: string
  readonly spans: readonly TimelineSpan[]
  readonly durationMs: number
  readonly share: number
}

/** One lane; what is missing is hatched and says so in words wherever there is room, and on hovering everywhere. */
function LaneRow({ label, spans, durationMs, share }: LaneProps) {
  const { words } = useSpeech()
  const part = (ms: number) => ms / Math.max(1, durationMs)
  const percent = (ms: number) => `${part(ms) * 100}%`
  return (
    <div class="time-row">
      <span class="time-label">{label}</span>
      <ul class="time-line lane">
        {spans.map(span => {
          const text = words.replay.spans[span.kind]
          return (
            <li
              key={`${span.kind}-${span.fromMs}`}
              class={`span ${span.kind}`}
              data-kind={span.kind}
              title={`${placeText(span.fromMs)}–${placeText(span.toMs)} ${text}`}
              style={{ left: percent(span.fromMs), width: percent(span.toMs - span.fromMs) }}
            >
              <span class={part(span.toMs - span.fromMs) < WORD_SHARE ? 'sr-only' : undefined}>{text}</span>
            </li>
          )
        })}
        <li class="playhead" aria-hidden="true" style={{ left: `${share * 100}%` }} />
      </ul>
    </div>
  )
}
