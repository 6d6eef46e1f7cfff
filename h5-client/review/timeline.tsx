import { useMemo } from 'preact/hooks'
import { placeText } from '../shared/console/durations.ts'
import { entryTone, entryWords, isDetail, participantNames } from '../shared/console/entry-words.ts'
import { useStore } from '../shared/console/use-store.ts'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { useSpeech } from './review-words.ts'
import { type Span, spansOf } from './spans.ts'

const STEP_MS = 10

/** One line of time: where there was a picture, where a frozen page, what happened when, and the thumb. */
export function Timeline({ index, player }: { index: ReplayIndex; player: ReplayPlayer }) {
  const { words } = useSpeech()
  const { atMs } = useStore(player.state)
  const { durationMs } = player
  const { camera, pages } = useMemo(() => spansOf(index.entries, durationMs), [index, durationMs])
  const events = useMemo(() => {
    const names = participantNames(index.entries, words.common)
    return index.entries
      .filter(entry => !isDetail(entry))
      .map(entry => ({
        seq: entry.seq,
        left: `${Math.min(100, (entry.atMs / Math.max(1, durationMs)) * 100)}%`,
        tone: entryTone(entry),
        title: `${placeText(entry.atMs)} ${entryWords(entry, words.common, names)}`,
        atMs: entry.atMs,
      }))
  }, [index, durationMs, words])
  return (
    <div class="timeline">
      <SpanRow label={words.trackCamera} kind="camera" spans={camera} durationMs={durationMs} />
      <SpanRow label={words.trackPages} kind="pages" spans={pages} durationMs={durationMs} />
      <div class="time-row">
        <span class="time-label">{words.trackEvents}</span>
        <div class="time-line events" aria-hidden="true">
          {events.map(event => (
            <button
              key={event.seq}
              type="button"
              tabIndex={-1}
              class={`tick ${event.tone}`}
              style={{ left: event.left }}
              title={event.title}
              onClick={() => player.seek(event.atMs)}
            />
          ))}
        </div>
      </div>
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

type SpanRowProps = {
  readonly label: string
  readonly kind: string
  readonly spans: readonly Span[]
  readonly durationMs: number
}

function SpanRow({ label, kind, spans, durationMs }: SpanRowProps) {
  const percent = (ms: number) => `${(ms / Math.max(1, durationMs)) * 100}%`
  return (
    <div class="time-row">
      <span class="time-label">{label}</span>
      <div class={`time-line ${kind}`} aria-hidden="true">
        {spans.map(span => (
          <span
            key={span.fromMs}
            class="span"
            style={{ left: percent(span.fromMs), width: percent(span.toMs - span.fromMs) }}
          />
        ))}
      </div>
    </div>
  )
}
