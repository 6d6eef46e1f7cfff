import { useMemo } from 'preact/hooks'
import { isDetail } from '../shared/console/entry-words.ts'
import { useStore } from '../shared/console/use-store.ts'
import { EVENT_GROUPS, eventGroup } from './event-groups.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** Which events are seen: on the timeline, in the list, and for the keys that jump from one to the next. */
export function EventFilter({ index, view }: ReplayProps) {
  const { words, number } = useSpeech()
  const { hidden, details } = useStore(view.state)
  const counts = useMemo(() => {
    const found = new Map<string, number>()
    for (const entry of index.entries) {
      if (!details && isDetail(entry)) continue
      const group = eventGroup(entry)
      found.set(group, (found.get(group) ?? 0) + 1)
    }
    return found
  }, [index, details])
  return (
    <fieldset class="chips" data-test="event-filter">
      <legend class="sr-only">{words.replay.groupBar}</legend>
      {EVENT_GROUPS.filter(group => counts.has(group)).map(group => (
        <button
          key={group}
          type="button"
          class={`chip ${group}`}
          data-group={group}
          aria-pressed={!hidden.includes(group)}
          onClick={() => view.toggleGroup(group)}
        >
          {words.replay.groups[group]} {number(counts.get(group) ?? 0)}
        </button>
      ))}
    </fieldset>
  )
}
