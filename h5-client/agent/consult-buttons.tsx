import type { Consultation } from '../../signaling/protocol/voice.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { VoiceButton } from './voice-button.tsx'

/** In the places of hold and keypad while somebody else is consulted. `free`: no hand-over is under way. */
export function SwapButtons({ consult, free }: { consult: Consultation; free: boolean }) {
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
        disabled={!talking || !free || busy.has('speak-to')}
        onClick={() => void desk.voice.speakTo(withCaller ? 'consulted' : 'caller')}
      />
      <VoiceButton
        name="connect"
        icon="join"
        label={say.connect}
        keys="⇧C"
        tip={say.connectTip}
        tone="primary"
        disabled={!talking || !free || busy.has('connect')}
        onClick={() => void desk.voice.connect()}
      />
    </>
  )
}

/** Beside hanging up: the one ends the consultation, the other the call. */
export function CancelConsultButton({ free }: { free: boolean }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const say = words.control.consult
  return (
    <VoiceButton
      name="cancel-consult"
      icon="cross"
      label={busy.has('cancel-consult') ? say.cancelling : say.cancel}
      disabled={!free || busy.has('cancel-consult')}
      onClick={() => void desk.voice.cancelConsult()}
    />
  )
}
