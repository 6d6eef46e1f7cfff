import { useState } from 'preact/hooks'
import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type DeskOfRecords, type ListState, NO_FILTERS } from './desk-of-records.ts'
import type { ReviewRow } from './review-api.ts'
import { useSpeech } from './review-words.ts'

/** Left: the calls, and how to find one. */
export function CallList({ desk }: { desk: DeskOfRecords }) {
  const { words } = useSpeech()
  const list = useStore(desk.list)
  return (
    <nav class="call-list" aria-label={words.listColumn}>
      <FilterForm desk={desk} busy={list.kind === 'loading'} />
      <ListBody desk={desk} list={list} />
    </nav>
  )
}

function FilterForm({ desk, busy }: { desk: DeskOfRecords; busy: boolean }) {
  const { words } = useSpeech()
  const [filters, setFilters] = useState(NO_FILTERS)
  const set = (name: keyof typeof filters) => (event: { currentTarget: HTMLInputElement }) =>
    setFilters({ ...filters, [name]: event.currentTarget.value })
  const submit = (event: Event) => {
    event.preventDefault()
    void desk.find(filters)
  }
  return (
    <form class="filters" onSubmit={submit}>
      <label class="field">
        <span>{words.number}</span>
        <input
          data-test="search-number"
          inputMode="tel"
          autoComplete="off"
          value={filters.number}
          onInput={set('number')}
        />
      </label>
      <label class="field">
        <span>{words.agent}</span>
        <input data-test="search-agent" autoComplete="off" value={filters.agent} onInput={set('agent')} />
      </label>
      <label class="field">
        <span>{words.from}</span>
        <input data-test="search-from" type="date" max={filters.to} value={filters.from} onInput={set('from')} />
      </label>
      <label class="field">
        <span>{words.to}</span>
        <input data-test="search-to" type="date" min={filters.from} value={filters.to} onInput={set('to')} />
      </label>
      <button type="submit" class="button primary" data-test="search-submit" disabled={busy}>
        <Icon name="search" />
        {busy ? words.searching : words.search}
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          setFilters(NO_FILTERS)
          void desk.find(NO_FILTERS)
        }}
      >
        {words.clearFilters}
      </button>
    </form>
  )
}

function ListBody({ desk, list }: { desk: DeskOfRecords; list: ListState }) {
  const { words, number } = useSpeech()
  const record = useStore(desk.record)
  const chosen = record.kind === 'none' ? undefined : record.row.callId
  if (list.kind === 'loading') return <p class="list-state quiet">{words.searching}</p>
  if (list.kind === 'failed') {
    return (
      <div class="list-state" role="alert">
        <p>{words.listFailed}</p>
        <p class="quiet">{words.common.refusals[list.code]}</p>
        <button type="button" class="button" onClick={() => desk.again()}>
          {words.common.retry}
        </button>
      </div>
    )
  }
  if (list.rows.length === 0) {
    return (
      <p class="list-state quiet" data-test="list-empty">
        {list.filtered ? words.listNothing : words.listEmpty}
      </p>
    )
  }
  return (
    <>
      <p class="list-count quiet" role="status">
        {words.count(number(list.rows.length) + (list.next === undefined ? '' : '+'))}
      </p>
      <ul class="rows">
        {list.rows.map(row => (
          <li key={row.callId}>
            <Row row={row} chosen={row.callId === chosen} onChoose={() => desk.choose(row)} />
          </li>
        ))}
      </ul>
      {list.next === undefined ? null : (
        <button type="button" class="button wide" onClick={() => void desk.more()}>
          {words.more}
        </button>
      )}
    </>
  )
}

function Row({ row, chosen, onChoose }: { row: ReviewRow; chosen: boolean; onChoose: () => void }) {
  const { words, time, number } = useSpeech()
  const state = words.states[row.state]
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
      <span class="row-more">
        {row.agent.name}
        {row.cameraMs > 0 ? ` · ${words.withCamera(clockText(row.cameraMs))}` : ''}
        {row.snapshots > 0 ? ` · ${words.pictures(number(row.snapshots))}` : ''}
        {state ? ` · ${state}` : ''}
      </span>
    </button>
  )
}
