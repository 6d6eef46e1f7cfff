import { useState } from 'preact/hooks'
import type { ErasureRow } from '../../signaling/protocol/retention.ts'
import { ReasonInline } from './reason-inline.tsx'
import { RetentionField } from './retention-field.tsx'
import type { RetentionProps } from './retention-section.tsx'
import { reasonText, useRetentionSpeech } from './retention-words.ts'

const EMPTY = { subject: '', requester: '', receivedAt: '' }

export function RetentionErasures({ desk, state }: RetentionProps) {
  const { say } = useRetentionSpeech()
  return (
    <div class="retention-body">
      <NewErasure desk={desk} state={state} />
      <section class="card">
        <h2>{say.tabs.erasures}</h2>
        {state.erasures.length === 0 ? <p class="quiet">{say.erasuresNone}</p> : null}
        <ul class="retention-list">
          {state.erasures.map(one => (
            <Request key={one.requestId} request={one} desk={desk} state={state} />
          ))}
        </ul>
      </section>
    </div>
  )
}

function Request({ request, desk, state }: RetentionProps & { request: ErasureRow }) {
  const speech = useRetentionSpeech()
  const { say, time } = speech
  const { subject } = request
  return (
    <li data-test={`erasure-${request.state}`}>
      <p>
        <b>{say.erasureState[request.state]}</b> · {request.requester} · {request.receivedAt.slice(0, 10)}
        {subject ? ` · ${'number' in subject ? subject.number : subject.callId}` : ''}
      </p>
      {request.dueAt && request.state === 'open' ? <p class="quiet">{say.answerBy(time(request.dueAt))}</p> : null}
      <ul class="retention-outcomes">
        {request.outcomes.map(one => (
          <li key={one.callId}>
            <code>{one.callId}</code> <span class="chip">{say.outcome[one.outcome]}</span>{' '}
            <span class="quiet">{one.reasons.map(reason => reasonText(speech, reason)).join(say.joiner)}</span>
          </li>
        ))}
      </ul>
      {request.state === 'open' ? (
        <ReasonInline
          action={say.withdraw}
          label={say.reason}
          name="withdraw-erasure"
          busy={state.busy}
          onReason={reason => void desk.change('erasures/withdraw', { requestId: request.requestId, reason })}
        />
      ) : null}
    </li>
  )
}

function NewErasure({ desk, state }: RetentionProps) {
  const { say } = useRetentionSpeech()
  const [form, setForm] = useState(EMPTY)
  const field = (name: keyof typeof EMPTY) => ({
    name: `erasure-${name}`,
    value: form[name],
    onValue: (value: string) => setForm({ ...form, [name]: value }),
  })
  const submit = async (event: Event) => {
    event.preventDefault()
    const given = form.subject.trim()
    const subject = given.startsWith('call_') ? { callId: given } : { number: given }
    if (await desk.change('erasures', { ...form, subject })) setForm(EMPTY)
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{say.newErasure}</h2>
      <p class="quiet">{say.erasureNote}</p>
      <div class="retention-row">
        <RetentionField label={`${say.number} / ${say.callId}`} {...field('subject')} required minLength={3} />
        <RetentionField label={say.requester} {...field('requester')} required />
        <RetentionField label={say.receivedAt} {...field('receivedAt')} type="date" required />
        <button type="submit" class="button primary" data-test="ask-erasure" disabled={state.busy}>
          {say.newErasure}
        </button>
      </div>
    </form>
  )
}
