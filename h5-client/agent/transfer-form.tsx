import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'

type Props = { readonly mayConsult: boolean; readonly onDone: () => void; readonly onClose: () => void }

/** To whom the caller goes: at once, or after a word with the other. */
export function TransferForm({ mayConsult, onDone, onClose }: Props) {
  const { desk, words } = useBench()
  const { busy, failures } = useStore(desk.tasks.state)
  const [to, setTo] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const say = words.control.transferTo
  const running = busy.has('transfer') || busy.has('consult')
  const empty = to.trim() === ''
  useEffect(() => field.current?.focus(), [])
  const run = async (how: 'transfer' | 'consult') => {
    if (empty || running) return
    await desk.voice[how](to.trim())
    // Refused, it stays open with what was typed; why is said beside it.
    if (!desk.tasks.state.get().failures.some(failure => failure.task === how)) onDone()
    else field.current?.focus()
  }
  const failed = failures.some(failure => failure.task === 'transfer' || failure.task === 'consult')
  return (
    <form
      class="voice-popover"
      data-test="transfer-form"
      aria-label={say.title}
      onSubmit={event => {
        event.preventDefault()
        void run('transfer')
      }}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        onClose()
      }}
    >
      <label class="field">
        <span>{say.field}</span>
        <input
          ref={field}
          data-test="transfer-to"
          inputMode="tel"
          autoComplete="off"
          maxLength={120}
          placeholder={say.placeholder}
          aria-invalid={failed}
          value={to}
          onInput={event => setTo(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button wide" data-test="transfer-now" disabled={empty || running}>
        {say.now}
        <kbd>⏎</kbd>
      </button>
      <p class="quiet">{say.nowNote}</p>
      <button
        type="button"
        class="button wide"
        data-test="consult"
        disabled={empty || running || !mayConsult}
        onClick={() => void run('consult')}
      >
        {say.consult}
      </button>
      <p class="quiet">{mayConsult ? say.consultNote : say.noTrunk}</p>
    </form>
  )
}
