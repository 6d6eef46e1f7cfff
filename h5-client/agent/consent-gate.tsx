import type { ComponentChildren } from 'preact'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'

type Props = {
  readonly call: JoinedCall
  readonly kind: Extract<ConsentKind, 'control' | 'document' | 'face'>
  readonly children: ComponentChildren
}

/** What needs the caller's consent is shown once that is there; until then, the way to it. */
export function ConsentGate({ call, kind, children }: Props) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const given = call.view.consents[kind]
  if (given === true) return <>{children}</>
  const waits = call.assist.consentsPending.has(kind)
  const joined = call.view.camera !== 'none' && call.view.camera !== 'stopped'
  const state = waits ? 'waiting' : given === false ? 'refused' : 'unasked'
  return (
    <div class="consent-gate" data-test={`consent-${kind}`} data-state={state}>
      <p class={state === 'refused' ? 'amber' : 'quiet'} role="status">
        {words.wb.consents[kind][state]}
      </p>
      {waits || !live ? null : (
        <button
          type="button"
          class="button small"
          data-test={`ask-${kind}`}
          disabled={!joined || busy.has('ask-consent')}
          onClick={() => void desk.assist.askConsent(kind)}
        >
          {given === false ? words.wb.askAgain : words.wb.askCaller}
        </button>
      )}
    </div>
  )
}
