import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

/** For the calls to come; only for an agent who has a phone. */
export function SpeakByChoice() {
  const { desk, words } = useBench()
  const phone = useStore(desk.speakBy.phone)
  const { busy } = useStore(desk.tasks.state)
  if (!phone) return null
  return (
    <div class="card speak-by" data-test="speak-by">
      <fieldset class="segments" disabled={busy.has('speak-by')}>
        <legend>{words.deskPhone.title}</legend>
        {(['browser', 'phone'] as const satisfies readonly SpeaksBy[]).map(by => (
          <button
            key={by}
            type="button"
            data-test={`speak-by-${by}`}
            aria-pressed={phone.by === by}
            onClick={() => void desk.speakBy.choose(by)}
          >
            <Icon name={by === 'phone' ? 'phone' : 'mic'} size={16} />
            {words.deskPhone.by[by]}
          </button>
        ))}
      </fieldset>
      <p class="quiet cut" title={phone.address}>
        {words.deskPhone.address(phone.address)}
      </p>
    </div>
  )
}

/** The other one of the two, in this call. */
export function SpeakByButton({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const phone = useStore(desk.speakBy.phone)
  const { busy } = useStore(desk.tasks.state)
  const { agentBy, phase } = call.view
  const byPhone = agentBy?.by === 'phone'
  if (!byPhone && (!phone || phase !== 'talking')) return null
  return (
    <button
      type="button"
      class={agentBy?.phone === 'lost' ? 'button wide primary' : 'button wide'}
      data-test="speak-by-other"
      disabled={busy.has('speak-by')}
      onClick={() => void desk.speakBy.take(byPhone ? 'browser' : 'phone')}
    >
      <Icon name={byPhone ? 'mic' : 'phone'} />
      {byPhone ? words.deskPhone.take : words.deskPhone.toPhone}
    </button>
  )
}
