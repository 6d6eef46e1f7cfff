import { useEffect, useMemo, useRef } from 'preact/hooks'
import { placeText } from '../shared/console/durations.ts'
import { entryTone, entryWords, participantNames } from '../shared/console/entry-words.ts'
import { useStore } from '../shared/console/use-store.ts'
import { EventFilter } from './event-filter.tsx'
import { eventGroup } from './event-groups.ts'
import type { ReplayProps } from './record-props.ts'
import { isShown } from './replay-view.ts'
import { useSpeech } from './review-words.ts'

/** Everything that happened, in order; a click goes there, and the list follows the clock. */
export function EventList(props: ReplayProps) {
  const { index, player, view } = props
  const { words } = useSpeech()
  const { atMs } = useStore(player.state)
  const choice = useStore(view.state)
  const box = useRef<HTMLOListElement>(null)
  const lines = useMemo(() => {
    const names = participantNames(index.entries, words.common)
    return index.entries
      .filter(entry => isShown(entry, choice))
      .map(entry => ({
        seq: entry.seq,
        atMs: entry.atMs,
        at: placeText(entry.atMs),
        text: entryWords(entry, words.common, names),
        tone: entryTone(entry),
        group: eventGroup(entry),
      }))
  }, [index, words, choice])
  const past = lines.findLastIndex(line => line.atMs <= atMs)
  useEffect(() => {
    // A list that moves under the hand is a nuisance.
    if (!box.current || box.current.matches(':hover, :focus-within')) return
    const current = box.current.children[past]
    if (current instanceof HTMLElement) {
      box.current.scrollTop = current.offsetTop - box.current.offsetTop - box.current.clientHeight / 2
    }
  }, [past])
  return (
    <section class="card events-card">
      <div class="row between">
        <h2>{words.events}</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={choice.details}
            onChange={event => view.setDetails(event.currentTarget.checked)}
          />
          {words.eventDetails}
        </label>
      </div>
      <EventFilter {...props} />
      <ol class="event-list" ref={box} data-test="events">
        {lines.map((line, position) => (
          <li key={line.seq} class={`${line.tone} ${line.group}`} aria-current={position === past ? 'true' : undefined}>
            <button type="button" title={words.seekTo(line.at)} onClick={() => player.seek(line.atMs)}>
              <time>{line.at}</time>
              <span>{line.text}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
