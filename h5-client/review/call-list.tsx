import { useStore } from '../shared/console/use-store.ts'
import { CallRowButton } from './call-row.tsx'
import type { ListState } from './desk-of-records.ts'
import { useSpeech } from './review-words.ts'
import { SearchPanel } from './search-panel.tsx'
import type { SectionProps } from './sections.ts'

/** Left: the calls, and how to find one. */
export function CallList(props: SectionProps) {
  const { words } = useSpeech()
  const list = useStore(props.desk.list)
  return (
    <nav class="call-list" aria-label={words.listColumn}>
      <SearchPanel desk={props.desk} busy={list.kind === 'loading'} />
      <ListBody {...props} list={list} />
    </nav>
  )
}

function ListBody({ desk, routes, list }: SectionProps & { list: ListState }) {
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
      <p class="list-count quiet" role="status" data-test="list-count">
        {list.total === undefined || list.total === list.rows.length
          ? words.count(number(list.rows.length) + (list.next === undefined ? '' : '+'))
          : words.work.total(number(list.rows.length), number(list.total))}
      </p>
      <ul class="rows">
        {list.rows.map(row => (
          <li key={row.callId}>
            <CallRowButton
              row={row}
              text={desk.rule.text ?? ''}
              chosen={row.callId === chosen}
              onChoose={() => {
                desk.choose(row)
                routes.go('records', row.callId)
              }}
            />
          </li>
        ))}
      </ul>
      {list.next === undefined ? null : (
        <button type="button" class="button wide" data-test="more-calls" onClick={() => void desk.more()}>
          {words.more}
        </button>
      )}
    </>
  )
}
