import { useState } from 'preact/hooks'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import { useClosedSpeech } from './closed-words.ts'
import type { DeskOfRecords } from './desk-of-records.ts'
import { Refused } from './loading.tsx'
import { facets } from './review-api.ts'
import { useLoaded, useTask } from './use-task.ts'
import { assign, scoreSheets } from './work-api.ts'

type Props = { readonly desk: DeskOfRecords; readonly callId: CallId; readonly onDone?: () => void }

/** Gives one record to one reviewer. For the right `lead`; the record need not be open. */
export function AssignForm({ desk, callId, onDone }: Props) {
  const { say, language } = useClosedSpeech()
  const people = useLoaded(desk, async () => (await facets()).reviewers)
  const sheets = useLoaded(desk, scoreSheets)
  const [reviewerId, setReviewer] = useState('')
  const [sheetId, setSheet] = useState('')
  const [due, setDue] = useState('')
  const [note, setNote] = useState('')
  const [done, setDone] = useState('')
  const task = useTask(desk)
  const reviewers = people.state.kind === 'ready' ? people.state.value : []
  const usable = sheets.state.kind === 'ready' ? sheets.state.value.filter(sheet => !sheet.retired) : []
  const submit = async (event: Event) => {
    event.preventDefault()
    const order = {
      ...{ callIds: [callId], reviewerIds: [reviewerId as UserId], note: note.trim() },
      ...(due && { dueAt: new Date(`${due}T23:59:59`).toISOString() }),
      ...(sheetId && { sheetId }),
    }
    if (!(await task.run(() => assign(order)))) return
    setDone(reviewers.find(one => one.id === reviewerId)?.name ?? reviewerId)
    setReviewer('')
    setNote('')
    onDone?.()
  }
  return (
    <form class="assign-form" data-test="assign-form" onSubmit={submit}>
      {onDone ? null : <p class="quiet">{say.assignNote}</p>}
      <label class="field">
        <span>{say.reviewer}</span>
        <select
          data-test="assign-reviewer"
          value={reviewerId}
          onChange={event => {
            setReviewer(event.currentTarget.value)
            setDone('')
          }}
        >
          <option value="">{say.choose}</option>
          {reviewers.map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say.sheet}</span>
        <select data-test="assign-sheet" value={sheetId} onChange={event => setSheet(event.currentTarget.value)}>
          <option value="">{say.anySheet}</option>
          {usable.map(one => (
            <option key={one.sheetId} value={one.sheetId}>
              {one.title[language]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say.due}</span>
        <input type="date" data-test="assign-due" value={due} onInput={event => setDue(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{say.note}</span>
        <input
          data-test="assign-note"
          maxLength={500}
          value={note}
          onInput={event => setNote(event.currentTarget.value)}
        />
      </label>
      <Refused failed={task.failed} message={task.message} />
      <div class="row">
        <button
          type="submit"
          class="button primary"
          data-test="assign-submit"
          disabled={task.busy || reviewerId === ''}
        >
          {say.assign}
        </button>
        <span role="status" data-test="assign-done">
          {done ? say.assigned(done) : ''}
        </span>
      </div>
    </form>
  )
}
