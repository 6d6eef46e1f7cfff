import { useState } from 'preact/hooks'
import { AUDIT_ACTIONS, type AuditEntry } from '../../signaling/protocol/audit.ts'
import { type AuditSearch, auditLog } from './audit-api.ts'
import { hashOf } from './hash-route.ts'
import { Loading, Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'

const EMPTY = { call: '', action: '', from: '', to: '' }
const searchOf = (form: typeof EMPTY): AuditSearch => ({
  call: form.call.trim(),
  action: form.action,
  from: form.from && new Date(`${form.from}T00:00:00`).toISOString(),
  to: form.to && new Date(`${form.to}T23:59:59.999`).toISOString(),
})

/** The access log of everybody, line by line, the newest first. */
export function AuditLog({ desk }: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.audit
  const [form, setForm] = useState(EMPTY)
  const [asked, setAsked] = useState(EMPTY)
  const { state, again } = useLoaded(desk, () => auditLog(searchOf(asked)), JSON.stringify(asked))
  const field = (name: keyof typeof EMPTY) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
    setForm({ ...form, [name]: event.currentTarget.value })
  const submit = (event: Event) => {
    event.preventDefault()
    setAsked(form)
  }
  return (
    <>
      <form class="room-form" onSubmit={submit}>
        <label class="field">
          <span>{say.callId}</span>
          <input data-test="audit-call" value={form.call} onInput={field('call')} />
        </label>
        <label class="field">
          <span>{say.action}</span>
          <select data-test="audit-action" value={form.action} onChange={field('action')}>
            <option value="">{words.work.any}</option>
            {AUDIT_ACTIONS.map(action => (
              <option key={action} value={action}>
                {words.auditActions[action]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{say.from}</span>
          <input type="date" value={form.from} onInput={field('from')} />
        </label>
        <label class="field">
          <span>{say.to}</span>
          <input type="date" value={form.to} onInput={field('to')} />
        </label>
        <button type="submit" class="button primary" data-test="audit-search">
          {say.search}
        </button>
      </form>
      <Loading state={state} again={again} waiting={say.loading}>
        {page => (
          <Lines
            key={JSON.stringify(asked)}
            desk={desk}
            first={page.entries}
            next={page.next}
            search={searchOf(asked)}
          />
        )}
      </Loading>
    </>
  )
}

type LinesProps = Pick<SectionProps, 'desk'> & {
  readonly first: readonly AuditEntry[]
  readonly next: number | undefined
  readonly search: AuditSearch
}

function Lines({ desk, first, next, search }: LinesProps) {
  const { words, time } = useSpeech()
  const say = words.work.audit
  const [older, setOlder] = useState<{ readonly entries: readonly AuditEntry[]; readonly next: number | undefined }>({
    entries: [],
    next,
  })
  const task = useTask(desk)
  const entries = [...first, ...older.entries]
  if (entries.length === 0) return <p class="list-state quiet">{say.none}</p>
  const more = () =>
    task.run(async () => {
      const page = await auditLog({ ...search, before: String(older.next) })
      setOlder({ entries: [...older.entries, ...page.entries], next: page.next })
    })
  return (
    <>
      <table class="table" data-test="audit-lines">
        <thead>
          <tr>
            <th>#</th>
            <th>{say.time}</th>
            <th>{say.who}</th>
            <th>{say.action}</th>
            <th>{say.detail}</th>
            <th>{words.work.call}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <tr key={entry.seq} class={entry.action === 'refused' ? 'warn' : undefined}>
              <td class="quiet">{entry.seq}</td>
              <td class="figure">{time(entry.at)}</td>
              <td>{entry.userId === undefined ? say.system : entry.userName}</td>
              <td>{words.auditActions[entry.action] ?? entry.action}</td>
              <td class="wrap">{entry.detail}</td>
              <td>
                {entry.callId ? <a href={hashOf('audit', 'call', entry.callId)}>{entry.callId.slice(-8)}</a> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Refused failed={task.failed} />
      {older.next === undefined ? null : (
        <button type="button" class="button" disabled={task.busy} onClick={() => void more()}>
          {say.more}
        </button>
      )}
    </>
  )
}
