import { AssignForm } from './assign-form.tsx'
import { useClosedSpeech } from './closed-words.ts'
import type { RecordProps } from './record-props.ts'
import { recordWork } from './work-api.ts'

/** On an opened record: who works on it, and a form for one more. For the right `lead`. */
export function AssignCard({ desk, state }: RecordProps) {
  const { say, words, time } = useClosedSpeech()
  const { callId } = state.row
  const { assignments } = state.opened.work
  const again = async () => {
    const now = await recordWork(callId)
    desk.setWork(callId, () => now)
  }
  return (
    <section class="card" data-test="assign-card">
      <h2>{say.assignTitle}</h2>
      {assignments.length > 0 ? (
        <ul class="people" aria-label={say.assignments}>
          {assignments.map(one => (
            <li key={one.assignmentId} data-test="assigned" data-state={one.state}>
              <span>
                <strong>{one.reviewer.name}</strong> · {words.work.kinds[one.kind]} · {words.work.states[one.state]}
                <br />
                <span class="quiet">
                  {say.assignedBy(one.by.name, time(one.at))}
                  {one.note ? ` · ${one.note}` : ''}
                </span>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      <AssignForm desk={desk} callId={callId} onDone={() => void again().catch(error => desk.noticed(error))} />
    </section>
  )
}
