import { useState } from 'preact/hooks'
import { RetentionField } from './retention-field.tsx'
import { useRetentionSpeech } from './retention-words.ts'

type Props = {
  readonly action: string
  readonly label: string
  readonly name: string
  readonly busy: boolean
  readonly onReason: (reason: string) => void
}

/** An act that needs its reason: the button opens the field, the field's button acts. */
export function ReasonInline({ action, label, name, busy, onReason }: Props) {
  const { say } = useRetentionSpeech()
  const [reason, setReason] = useState<string | undefined>()
  if (reason === undefined)
    return (
      <button type="button" class="button" data-test={name} onClick={() => setReason('')}>
        {action}
      </button>
    )
  return (
    <form
      class="retention-row"
      onSubmit={event => {
        event.preventDefault()
        onReason(reason)
      }}
    >
      <RetentionField label={label} name={`${name}-reason`} value={reason} onValue={setReason} required minLength={3} />
      <button type="submit" class="button primary" data-test={`${name}-submit`} disabled={busy}>
        {action}
      </button>
      <button type="button" class="button plain" onClick={() => setReason(undefined)}>
        {say.cancel}
      </button>
    </form>
  )
}
