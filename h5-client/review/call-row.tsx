import { clockText, placeText } from '../shared/console/durations.ts'
import { markedText } from './marked-text.ts'
import type { ReviewRow } from './review-api.ts'
import { useSpeech } from './review-words.ts'

type Props = {
  readonly row: ReviewRow
  /** What was searched for in texts; the matching words are marked. */
  readonly text: string
  readonly chosen: boolean
  readonly onChoose: () => void
}

/** One call of the list, with what was found in it. */
export function CallRowButton({ row, text, chosen, onChoose }: Props) {
  const { words, language, time, number } = useSpeech()
  const state = words.states[row.state]
  const more = [
    row.agent.name,
    row.scenario?.title[language],
    row.cameraMs > 0 ? words.withCamera(clockText(row.cameraMs)) : undefined,
    row.snapshots > 0 ? words.pictures(number(row.snapshots)) : undefined,
    row.reference ?? undefined,
    state || undefined,
  ].filter(part => part !== undefined)
  return (
    <button
      type="button"
      class="review-row"
      data-test="review-row"
      data-call={row.callId}
      aria-current={chosen}
      onClick={onChoose}
    >
      <span class="row-number">{row.from}</span>
      <span class="row-duration">{clockText(row.durationMs)}</span>
      <span class="row-time">{time(row.answeredAt)}</span>
      <span class="row-more">{more.join(' · ')}</span>
      {row.flags.length + row.tags.length > 0 ? (
        <span class="row-chips">
          {row.flags.map(flag => (
            <span key={flag} class={`chip flag ${flag}`}>
              {words.work.flags[flag]}
            </span>
          ))}
          {row.tags.map(tag => (
            <span key={tag} class="chip tag">
              {tag}
            </span>
          ))}
        </span>
      ) : null}
      {(row.hits ?? []).map((hit, index) => (
        <span key={index} class="row-hit" data-test="row-hit">
          <span class="quiet">{words.work.hit(words.work.textKinds[hit.kind], placeText(hit.atMs))}</span>{' '}
          {markedText(hit.excerpt, text).map((part, at) =>
            part.marked ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
          )}
        </span>
      ))}
    </button>
  )
}
