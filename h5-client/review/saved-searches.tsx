import { useState } from 'preact/hooks'
import type { CallRule } from '../../signaling/protocol/review.ts'
import type { DeskOfRecords } from './desk-of-records.ts'
import { Refused } from './loading.tsx'
import { removeSearch, savedSearches, saveSearch } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import { useLoaded, useTask } from './use-task.ts'

type Props = {
  readonly desk: DeskOfRecords
  readonly rule: () => CallRule
  readonly onChoose: (rule: CallRule) => void
}

/** Searches kept under a name, one's own and those shared by colleagues. */
export function SavedSearches({ desk, rule, onChoose }: Props) {
  const { words } = useSpeech()
  const say = words.work
  const { state, again } = useLoaded(desk, savedSearches)
  const task = useTask(desk)
  const [title, setTitle] = useState('')
  const [shared, setShared] = useState(false)
  const [chosen, setChosen] = useState('')
  if (state.kind !== 'ready') return null
  const one = state.value.find(search => search.searchId === chosen)
  const save = async () => {
    if (await task.run(() => saveSearch(title.trim(), rule(), shared))) {
      setTitle('')
      again()
    }
  }
  return (
    <fieldset class="saved whole">
      <legend>{say.savedSearches}</legend>
      <div class="row">
        <select
          data-test="saved-search"
          aria-label={say.savedSearches}
          value={chosen}
          onChange={event => {
            const id = event.currentTarget.value
            setChosen(id)
            const found = state.value.find(search => search.searchId === id)
            if (found) onChoose(found.rule)
          }}
        >
          <option value="">{say.chooseSearch}</option>
          {state.value.map(search => (
            <option key={search.searchId} value={search.searchId}>
              {search.own ? search.title : `${search.title} · ${search.owner}`}
            </option>
          ))}
        </select>
        {one?.own ? (
          <button
            type="button"
            class="button plain"
            aria-label={say.removeSearch(one.title)}
            onClick={async () => {
              if (await task.run(() => removeSearch(one.searchId))) {
                setChosen('')
                again()
              }
            }}
          >
            {say.remove}
          </button>
        ) : null}
      </div>
      <div class="row">
        <input
          data-test="search-title"
          maxLength={80}
          placeholder={say.searchTitle}
          aria-label={say.searchTitle}
          value={title}
          onInput={event => setTitle(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button"
          data-test="save-search"
          disabled={task.busy || title.trim() === ''}
          onClick={() => void save()}
        >
          {say.save}
        </button>
      </div>
      <label class="check">
        <input type="checkbox" checked={shared} onChange={event => setShared(event.currentTarget.checked)} />
        {say.sharedSearch}
      </label>
      <Refused failed={task.failed} />
    </fieldset>
  )
}
