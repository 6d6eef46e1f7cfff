import type { ComponentChildren } from 'preact'
import type { WorkItem } from '../../signaling/protocol/review-work.ts'
import { clockText } from '../shared/console/durations.ts'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'

type Props = SectionProps & {
  readonly items: readonly WorkItem[]
  readonly empty: string
  readonly people?: boolean
  readonly actions: (item: WorkItem) => ComponentChildren
}

/** Assignments as a table; opening one leads to the record, where the reason is asked for as always. */
export function WorkTable({ desk, routes, items, empty, people = false, actions }: Props) {
  const { words, time } = useSpeech()
  const say = words.work
  if (items.length === 0) {
    return (
      <p class="list-state quiet" data-test="work-empty">
        {empty}
      </p>
    )
  }
  const sorted = [...items].sort((a, b) => (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9'))
  const open = ({ callId, call }: WorkItem) => {
    desk.choose({
      callId,
      from: call.from,
      answeredAt: call.answeredAt,
      durationMs: call.durationMs,
      agent: { name: call.agentName },
    })
    routes.go('records', callId)
  }
  return (
    <table class="table">
      <thead>
        <tr>
          <th>{say.task}</th>
          {people ? <th>{say.reviewer}</th> : null}
          <th>{say.call}</th>
          <th>{say.deadline}</th>
          <th>{say.state}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {sorted.map(item => (
          <tr key={item.assignmentId} data-test="work-item" data-state={item.state}>
            <td>
              {say.kinds[item.kind]}
              {item.note ? <span class="quiet"> · {item.note}</span> : null}
            </td>
            {people ? <td>{item.reviewer.name}</td> : null}
            <td>
              {item.call.from} · {item.call.agentName}
              <br />
              <span class="quiet">
                {time(item.call.answeredAt)} · {clockText(item.call.durationMs)}
              </span>
            </td>
            <td class={item.overdue ? 'incomplete' : undefined}>
              {item.dueAt ? time(item.dueAt) : say.noDue}
              {item.overdue ? ` · ${say.overdue}` : ''}
            </td>
            <td>{say.states[item.state]}</td>
            <td>
              <span class="row">
                <button type="button" class="button small primary" data-test="work-open" onClick={() => open(item)}>
                  {say.openRecord}
                </button>
                {actions(item)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
