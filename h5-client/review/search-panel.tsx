import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import type { DeskOfRecords } from './desk-of-records.ts'
import { useSpeech } from './review-words.ts'
import { SavedSearches } from './saved-searches.tsx'
import { EMPTY_SEARCH, formOf, ruleOf, type SearchForm } from './search-form.ts'
import { SearchMore } from './search-more.tsx'

/** How a call is found: the four things that are mostly known, the text in it, and everything else behind one button. */
export function SearchPanel({ desk, busy }: { desk: DeskOfRecords; busy: boolean }) {
  const { words } = useSpeech()
  const [form, setForm] = useState<SearchForm>(() => formOf(desk.rule))
  const [more, setMore] = useState(false)
  useEffect(() => {
    if (Object.keys(desk.rule).some(name => !['number', 'agent', 'from', 'to', 'text'].includes(name))) setMore(true)
  }, [desk])
  const change = (part: Partial<SearchForm>) => setForm(now => ({ ...now, ...part }))
  const set = (name: 'number' | 'agent' | 'from' | 'to' | 'text') => (event: { currentTarget: HTMLInputElement }) =>
    change({ [name]: event.currentTarget.value })
  const submit = (event: Event) => {
    event.preventDefault()
    void desk.find(ruleOf(form))
  }
  const replace = (next: SearchForm) => {
    setForm(next)
    void desk.find(ruleOf(next))
  }
  return (
    <form class="filters" onSubmit={submit}>
      <label class="field">
        <span>{words.number}</span>
        <input
          data-test="search-number"
          inputMode="tel"
          autoComplete="off"
          value={form.number}
          onInput={set('number')}
        />
      </label>
      <label class="field">
        <span>{words.agent}</span>
        <input data-test="search-agent" autoComplete="off" value={form.agent} onInput={set('agent')} />
      </label>
      <label class="field">
        <span>{words.from}</span>
        <input data-test="search-from" type="date" max={form.to} value={form.from} onInput={set('from')} />
      </label>
      <label class="field">
        <span>{words.to}</span>
        <input data-test="search-to" type="date" min={form.from} value={form.to} onInput={set('to')} />
      </label>
      <label class="field whole">
        <span>{words.work.text}</span>
        <input data-test="search-text" autoComplete="off" value={form.text} onInput={set('text')} />
      </label>
      {more ? <SearchMore desk={desk} form={form} change={change} /> : null}
      {more ? <SavedSearches desk={desk} rule={() => ruleOf(form)} onChoose={rule => replace(formOf(rule))} /> : null}
      <div class="filter-actions whole">
        <button type="submit" class="button primary" data-test="search-submit" disabled={busy}>
          <Icon name="search" />
          {busy ? words.searching : words.search}
        </button>
        <button type="button" class="button" onClick={() => replace(EMPTY_SEARCH)}>
          {words.clearFilters}
        </button>
        <button
          type="button"
          class="button plain"
          data-test="more-filters"
          aria-expanded={more}
          onClick={() => setMore(!more)}
        >
          {more ? words.work.fewerFilters : words.work.moreFilters}
        </button>
      </div>
    </form>
  )
}
