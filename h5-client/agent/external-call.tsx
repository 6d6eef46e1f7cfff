import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

/** In the place of the voice's buttons: the conversation runs in another system. */
export function ExternalCall({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { voice, external } = call.view
  return (
    <div class="external-call" data-test="external-call" data-voice={voice}>
      <p class="strong">{voice === 'recorded' ? words.external.voiceRecorded : words.external.voiceElsewhere}</p>
      <p class="quiet">{words.external.noControls}</p>
      {external ? (
        <p class="quiet" data-test="external-id">
          {words.external.callOf(external.system)} <code class="address">{external.id}</code>
        </p>
      ) : null}
      <button
        type="button"
        class="button stop wide"
        data-test="hang-up"
        disabled={busy.has('hang-up')}
        onClick={() => void desk.hangUp()}
      >
        {busy.has('hang-up') ? words.external.ending : words.external.end}
        <kbd>⇧H</kbd>
      </button>
    </div>
  )
}
