import { useStore } from '../shared/console/use-store.ts'
import type { WatchDesk } from './watch-desk.ts'
import { cameraWords, useSpeech } from './watch-words.ts'

/** A supervisor's list of the calls that go on now. */
export function CallBoard({ desk, name, onSignOut }: { desk: WatchDesk; name: string; onSignOut: () => void }) {
  const { words } = useSpeech()
  const { calls, failed } = useStore(desk.state)
  return (
    <main class="board">
      <header class="watch-head">
        <h1>{words.callsTitle}</h1>
        <span>{name}</span>
        <button type="button" class="button" onClick={onSignOut}>
          {words.common.signOut}
        </button>
      </header>
      {failed ? <p role="alert">{words.failed}</p> : null}
      {calls.length === 0 ? <p class="page-state">{words.noCalls}</p> : null}
      <ul class="calls">
        {calls.map(call => (
          <li key={call.callId} class="card">
            <span>
              <strong>{words.agent(call.agent?.name ?? '')}</strong>
              <br />
              {cameraWords(call, words)}
            </span>
            <button
              type="button"
              class="button primary"
              data-test="watch-call"
              onClick={() => void desk.watch(call.callId)}
            >
              {words.watch}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
