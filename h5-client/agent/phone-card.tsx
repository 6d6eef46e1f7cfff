import type { Rung } from '../../signaling/protocol/phone.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { CameraControls } from './camera-controls.tsx'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { networkQuality, networkWords } from './network-words.ts'
import { useTools } from './use-tools.ts'

const RUNGS: readonly (Rung | 'auto')[] = ['auto', 'live', 'slow-scan', 'photo']

/** The caller's phone: how its picture travels and over what network, and its camera. */
export function PhoneCard({ call }: { call: JoinedCall }) {
  const { desk, words, language } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const tools = useTools()
  const { rung, network, camera } = call.view
  if (camera === 'none' || camera === 'stopped') return null
  const quality = networkQuality(network)
  const wish = useStore(desk.assist.preferred)
  const held = (wish?.callId === call.callId ? wish.rung : call.assist.heldRung) ?? 'auto'
  return (
    <article class="card phone-card" aria-label={words.wb.phone}>
      <div class="card-head">
        <h2>{words.wb.phone}</h2>
        <span class={quality === 'poor' ? 'quiet amber' : 'quiet'} data-test="network" data-quality={quality}>
          {words.wb.network[quality]}
        </span>
      </div>
      {network ? (
        <p class="quiet figures fine" title={words.wb.figuresTip}>
          {networkWords(network, words.wb, language)}
        </p>
      ) : null}
      <fieldset
        class="segments"
        data-test="rung"
        data-rung={rung}
        data-held={held}
        disabled={!live || busy.has('prefer')}
      >
        <legend class="sr-only">{words.wb.rungChoice}</legend>
        {RUNGS.map(one => (
          <button
            key={one}
            type="button"
            data-test={`prefer-${one}`}
            aria-pressed={held === one}
            class={one === rung ? 'now' : undefined}
            title={words.wb.rungTips[one]}
            onClick={() => void desk.assist.prefer(one)}
          >
            {words.wb.rungShort[one]}
          </button>
        ))}
      </fieldset>
      {tools.has('camera-control') ? <CameraControls call={call} /> : null}
    </article>
  )
}
