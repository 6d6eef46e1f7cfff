import { useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'

/** Calls somebody, where the operator allows it; shown only while the desk is free. */
export function DialForm() {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const socket = useStore(desk.socket)
  const [to, setTo] = useState('')
  const say = words.control.dial
  const running = busy.has('dial')
  const empty = to.trim() === ''
  return (
    <form
      class="card dial-form"
      data-test="dial-form"
      aria-label={say.title}
      onSubmit={event => {
        event.preventDefault()
        if (!empty && !running) void desk.dial(to.trim())
      }}
    >
      <label class="field">
        <span>{say.title}</span>
        <input
          data-test="dial-to"
          inputMode="tel"
          autoComplete="off"
          maxLength={120}
          placeholder={say.placeholder}
          value={to}
          onInput={event => setTo(event.currentTarget.value)}
        />
      </label>
      <button
        type="submit"
        class="button go wide"
        data-test="dial"
        disabled={empty || running || socket.kind !== 'open'}
      >
        <Icon name="phone" />
        {running ? say.dialling : say.call}
      </button>
    </form>
  )
}
