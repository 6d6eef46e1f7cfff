import { placeText } from '../shared/console/durations.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { useSpeech } from './review-words.ts'
import { type SpanKind, type TimelineSpan, troublesOf } from './timeline-spans.ts'

/** Every kind of missing that the call has, with its pattern, its words and how often: the key to the timeline, and a way there. */
export function MissingList({ spans, player }: { spans: readonly TimelineSpan[]; player: ReplayPlayer }) {
  const { words, number } = useSpeech()
  const kinds = new Map<SpanKind, TimelineSpan[]>()
  for (const span of troublesOf(spans)) kinds.set(span.kind, [...(kinds.get(span.kind) ?? []), span])
  if (kinds.size === 0) return null
  /** The next one after the thumb, and after the last one the first again. */
  const next = (of: readonly TimelineSpan[]) => of.find(span => span.fromMs > player.state.get().atMs + 1) ?? of[0]
  return (
    <ul class="missing-list" data-test="missing-list" aria-label={words.replay.missing}>
      {[...kinds].map(([kind, of]) => (
        <li key={kind}>
          <button
            type="button"
            class="button plain small"
            data-kind={kind}
            title={words.replay.missingJump(words.replay.spans[kind], placeText(of[0]?.fromMs ?? 0))}
            onClick={() => player.seek(next(of)?.fromMs ?? 0)}
          >
            <span class={`span swatch ${kind}`} aria-hidden="true" />
            {words.replay.spans[kind]}
            {of.length > 1 ? ` ×${number(of.length)}` : ''}
          </button>
        </li>
      ))}
    </ul>
  )
}
