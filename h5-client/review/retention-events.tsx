import { useState } from 'preact/hooks'
import type { EventSubject } from '../../signaling/protocol/retention.ts'
import { ReasonInline } from './reason-inline.tsx'
import { RetentionField } from './retention-field.tsx'
import type { RetentionProps } from './retention-section.tsx'
import { eventText, useRetentionSpeech } from './retention-words.ts'

const KNOWN = ['contract-end', 'contract-begin', 'dispute-begin', 'dispute-end', 'product-end', 'product-begin']
const ABOUT = ['number', 'call', 'reference'] as const
const EMPTY = {
  about: 'number' as (typeof ABOUT)[number],
  subject: '',
  event: 'contract-end',
  own: '',
  at: '',
  reference: '',
}

export function RetentionEvents({ desk, state }: RetentionProps) {
  const { say, time } = useRetentionSpeech()
  return (
    <div class="retention-body">
      <NewEvent desk={desk} state={state} />
      <LinkCall desk={desk} state={state} />
      <section class="card">
        <h2>{say.tabs.events}</h2>
        {state.events.length === 0 ? <p class="quiet">{say.eventsNone}</p> : null}
        <ul class="retention-list">
          {state.events.map(one => (
            <li key={one.eventId} data-test="retention-event" class={one.withdrawnAt ? 'over' : ''}>
              <p>
                <b>{eventText(say, one.event)}</b> · {one.at.slice(0, 10)} · {subjectText(one.subject)}
                {one.reference ? ` · ${one.reference}` : ''}
              </p>
              <p class="quiet">
                {one.addedBy} · {time(one.addedAt)}
                {one.withdrawnAt ? ` · ${say.withdrawn} ${time(one.withdrawnAt)}` : ''}
              </p>
              {one.withdrawnAt ? null : (
                <ReasonInline
                  action={say.withdraw}
                  label={say.reason}
                  name="withdraw-event"
                  busy={state.busy}
                  onReason={reason => void desk.change('events/withdraw', { eventId: one.eventId, reason })}
                />
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function subjectText(subject: EventSubject): string {
  switch (subject.kind) {
    case 'call':
      return subject.callId
    case 'number':
      return subject.number
    case 'reference':
      return subject.reference
  }
}

function NewEvent({ desk, state }: RetentionProps) {
  const { say } = useRetentionSpeech()
  const [form, setForm] = useState(EMPTY)
  const field = (name: 'subject' | 'own' | 'at' | 'reference') => ({
    name: `event-${name}`,
    value: form[name],
    onValue: (value: string) => setForm({ ...form, [name]: value }),
  })
  const submit = async (event: Event) => {
    event.preventDefault()
    const subject = {
      call: { kind: 'call', callId: form.subject.trim() },
      number: { kind: 'number', number: form.subject.trim() },
      reference: { kind: 'reference', reference: form.subject.trim() },
    }[form.about]
    const body = { subject, event: form.own.trim() || form.event, at: form.at, reference: form.reference }
    if (await desk.change('events', body)) setForm(EMPTY)
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{say.newEvent}</h2>
      <div class="retention-row">
        <label class="field">
          <span>{say.event}</span>
          <select value={form.event} onChange={event => setForm({ ...form, event: event.currentTarget.value })}>
            {KNOWN.map(one => (
              <option key={one} value={one}>
                {eventText(say, one)}
              </option>
            ))}
          </select>
        </label>
        <RetentionField label={say.ownEvent} {...field('own')} pattern="[a-z][a-z0-9-]{1,58}[a-z0-9]" />
        <RetentionField label={say.day} {...field('at')} type="date" required />
      </div>
      <div class="retention-row">
        <label class="field">
          <span>{say.about}</span>
          <select
            value={form.about}
            onChange={event => setForm({ ...form, about: event.currentTarget.value as typeof form.about })}
          >
            {ABOUT.map(one => (
              <option key={one} value={one}>
                {say.abouts[one]}
              </option>
            ))}
          </select>
        </label>
        <RetentionField label={say.abouts[form.about]} {...field('subject')} required />
        <RetentionField label={say.reference} {...field('reference')} />
        <button type="submit" class="button primary" data-test="add-event" disabled={state.busy}>
          {say.newEvent}
        </button>
      </div>
    </form>
  )
}

function LinkCall({ desk, state }: RetentionProps) {
  const { say } = useRetentionSpeech()
  const [callId, setCallId] = useState('')
  const [reference, setReference] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!(await desk.change('links', { callId: callId.trim(), reference: reference.trim() }))) return
    setCallId('')
    setReference('')
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{say.linkTitle}</h2>
      <div class="retention-row">
        <RetentionField
          label={say.callId}
          name="link-call"
          value={callId}
          onValue={setCallId}
          required
          pattern="call_[0-9a-z]{20}"
        />
        <RetentionField
          label={say.abouts.reference}
          name="link-reference"
          value={reference}
          onValue={setReference}
          required
        />
        <button type="submit" class="button" data-test="add-link" disabled={state.busy}>
          {say.link}
        </button>
      </div>
    </form>
  )
}
