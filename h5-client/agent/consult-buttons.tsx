import type { Consultation } from '../../signaling/protocol/voice.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { VoiceButton } from './voice-button.tsx'

/** In the places of hold, keypad and transfer while somebody else is consulted. */
export function ConsultButtons({ consult }: { consult: Consultation }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const say = words.control.consult
  const talking = consult.state === 'talking'
  const withCaller = consult.speaking === 'caller'
  return (
    <>
      <VoiceButton
        name="swap"
        icon="swap"
        label={withCaller ? say.swapToConsulted : say.swapToCaller}
        keys="⇧W"
        disabled={!talking || busy.has('speak-to')}
        onClick={() => void desk.voice.speakTo(withCaller ? 'consulted' : 'caller')}
      />
      <VoiceButton
        name="connect"
        icon="join"
        label={say.connect}
        keys="⇧C"
        tip={say.connectTip}
        tone="primary"
        disabled={!talking || busy.has('connect')}
        onClick={() => void desk.voice.connect()}
      />
      <VoiceButton
        name="cancel-consult"
        icon="cross"
        label={busy.has('cancel-consult') ? say.cancelling : say.cancel}
        wide
        disabled={busy.has('cancel-consult')}
        onClick={() => void desk.voice.cancelConsult()}
      />
    </>
  )
}
