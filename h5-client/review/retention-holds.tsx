import { useState } from 'preact/hooks'
import type { HoldRow } from '../../signaling/protocol/retention.ts'
import { ReasonInline } from './reason-inline.tsx'
import { RetentionField } from './retention-field.tsx'
import type { RetentionProps } from './retention-section.tsx'
import { useRetentionSpeech } from './retention-words.ts'

const EMPTY = { callId: '', number: '', agent: '', from: '', to: '', caseReference: '', reason: '' }

export function RetentionHolds({ desk, state }: RetentionProps) {
  const { say, time, number } = useRetentionSpeech()
  return (
    <div class="retention-body">
      <NewHold desk={desk} state={state} />
      <section class="card">
        <h2>{say.tabs.holds}</h2>
        {state.holds.length === 0 ? <p class="quiet">{say.holdsNone}</p> : null}
        <ul class="retention-list">
          {state.holds.map(hold => (
            <li key={hold.holdId} data-test="hold" class={hold.releasedAt ? 'over' : ''}>
              <p>
                <b>{hold.caseReference}</b> · <Match hold={hold} /> · {say.holdCalls(number(hold.calls))}
              </p>
              <p class="quiet">
                {say.setBy(hold.by, time(hold.since))} · {hold.reason}
              </p>
              {hold.releasedAt ? (
                <p class="quiet">
                  {say.released(hold.releasedBy ?? '', time(hold.releasedAt))} · {hold.releaseReason}
                </p>
              ) : (
                <ReasonInline
                  action={say.release}
                  label={say.releaseReason}
                  name="release-hold"
                  busy={state.busy}
                  onReason={reason => void desk.change('holds/release', { holdId: hold.holdId, reason })}
                />
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function Match({ hold }: { hold: HoldRow }) {
  const { say, time } = useRetentionSpeech()
  const { match } = hold
  if (match === null) return <span>{say.forgotten}</span>
  if ('callId' in match) return <code>{match.callId}</code>
  return (
    <span>
      {[
        match.number,
        match.agent,
        match.from && `${say.from} ${time(match.from)}`,
        match.to && `${say.to} ${time(match.to)}`,
      ]
        .filter(part => part)
        .join(' · ')}
    </span>
  )
}

function NewHold({ desk, state }: RetentionProps) {
  const { say } = useRetentionSpeech()
  const [form, setForm] = useState(EMPTY)
  const [one, setOne] = useState(false)
  const field = (name: keyof typeof EMPTY) => ({
    name: `hold-${name}`,
    value: form[name],
    onValue: (value: string) => setForm({ ...form, [name]: value }),
  })
  const submit = async (event: Event) => {
    event.preventDefault()
    const match = one
      ? { callId: form.callId.trim() }
      : {
          ...(form.number.trim() && { number: form.number.trim() }),
          ...(form.agent.trim() && { agent: form.agent.trim() }),
          ...(form.from && { from: new Date(`${form.from}T00:00:00`).toISOString() }),
          ...(form.to && { to: new Date(`${form.to}T23:59:59.999`).toISOString() }),
        }
    if (await desk.change('holds', { match, caseReference: form.caseReference, reason: form.reason })) setForm(EMPTY)
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{say.newHold}</h2>
      <div class="retention-row">
        <button type="button" class="button" aria-pressed={!one} onClick={() => setOne(false)}>
          {say.matching}
        </button>
        <button type="button" class="button" aria-pressed={one} data-test="hold-one" onClick={() => setOne(true)}>
          {say.oneCall}
        </button>
      </div>
      <div class="retention-row">
        {one ? (
          <RetentionField label={say.callId} {...field('callId')} required pattern="call_[0-9a-z]{20}" />
        ) : (
          <>
            <RetentionField label={say.number} {...field('number')} type="tel" />
            <RetentionField label={say.agent} {...field('agent')} />
            <RetentionField label={say.from} {...field('from')} type="date" />
            <RetentionField label={say.to} {...field('to')} type="date" />
          </>
        )}
      </div>
      <div class="retention-row">
        <RetentionField label={say.caseReference} {...field('caseReference')} required />
        <RetentionField label={say.reason} {...field('reason')} required minLength={3} />
        <button type="submit" class="button primary" data-test="set-hold" disabled={state.busy}>
          {say.set}
        </button>
      </div>
    </form>
  )
}
