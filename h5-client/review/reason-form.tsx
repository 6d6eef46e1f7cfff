import { useEffect, useRef, useState } from 'preact/hooks'
import type { DeskOfRecords, RecordState } from './desk-of-records.ts'
import { useSpeech } from './review-words.ts'

const SHORTEST_REASON = 3

type Props = { readonly desk: DeskOfRecords; readonly state: Extract<RecordState, { kind: 'asking' | 'opening' }> }

/** Nothing of a call is shown before its reviewer has said why. */
export function ReasonForm({ desk, state }: Props) {
  const { words, time } = useSpeech()
  const [reason, setReason] = useState('')
  const [short, setShort] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const { row } = state
  const opening = state.kind === 'opening'
  const failed = state.kind === 'asking' ? state.failed : undefined
  useEffect(() => input.current?.focus(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    const stated = reason.trim()
    setShort(stated.length < SHORTEST_REASON)
    if (stated.length >= SHORTEST_REASON) void desk.open(stated)
  }
  return (
    <form class="card reason-form" onSubmit={submit} noValidate>
      <p class="quiet">
        {[row.from, row.agent?.name, row.answeredAt && time(row.answeredAt), row.from ? undefined : row.callId]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <h2>{words.reasonTitle}</h2>
      <p class="quiet">{words.reasonNote}</p>
      <div class="presets">
        {words.reasons.map(preset => (
          <button
            key={preset}
            type="button"
            class="button"
            aria-pressed={reason.startsWith(preset)}
            onClick={() => {
              setReason(`${preset} `)
              input.current?.focus()
            }}
          >
            {preset}
          </button>
        ))}
      </div>
      <label class="field">
        <span>{words.reason}</span>
        <input
          ref={input}
          data-test="reason"
          autoComplete="off"
          maxLength={300}
          value={reason}
          aria-invalid={short}
          onInput={event => {
            setReason(event.currentTarget.value)
            setShort(false)
          }}
        />
      </label>
      <p class="sign-in-trouble" role="alert">
        {short ? words.reasonShort : failed ? `${words.openFailed} · ${words.common.refusals[failed]}` : ''}
      </p>
      <button type="submit" class="button primary large wide" data-test="open-record" disabled={opening}>
        {opening ? words.opening : words.open}
      </button>
    </form>
  )
}
