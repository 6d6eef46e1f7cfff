import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { CancelConsultButton, SwapButtons } from './consult-buttons.tsx'
import type { JoinedCall } from './desk-state.ts'
import { Keypad } from './keypad.tsx'
import { SpeakByButton } from './speak-by-choice.tsx'
import { TransferForm } from './transfer-form.tsx'
import { VoiceButton } from './voice-button.tsx'

type Opened = 'keypad' | 'transfer' | undefined

/** What the agent can do with the voice. Buttons keep their places: only words and states change. */
export function VoicePanel({ call, muted }: { call: JoinedCall; muted: boolean }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const microphone = useStore(desk.microphone.state)
  const [opened, setOpened] = useState<Opened>()
  const grid = useRef<HTMLDivElement>(null)
  const { control, phase } = call.view
  const transferring = control?.transfer !== undefined && control.transfer.state !== 'failed'
  const free = control !== undefined && phase === 'talking' && !transferring
  // While we call the other one ourselves, and nobody has answered, the caller can be had back.
  const calling = transferring && control?.transfer?.way === 'bridge' && control.transfer.kind === 'blind'
  const mayTakeBack = calling && control?.transfer?.state !== 'asked' && phase === 'talking'
  const hold = control?.hold ?? 'none'
  const consult = control?.consult
  const consulting = consult !== undefined
  const speaking = consult?.speaking ?? 'caller'
  const heard = speaking === 'caller' ? hold === 'none' : consult?.state === 'talking'
  const keysOpen = opened === 'keypad' && free && heard
  const formOpen = opened === 'transfer' && free && !consulting
  // What it was opened for has become impossible, or has been done.
  useEffect(() => {
    if (opened && !keysOpen && !formOpen) setOpened(undefined)
  }, [opened, keysOpen, formOpen])
  // What is typed for one of the two must not go to the other.
  useEffect(() => setOpened(undefined), [speaking])
  const toggle = (what: Opened) => setOpened(opened === what ? undefined : what)
  const close = () => {
    const opener = grid.current?.querySelector<HTMLElement>(`[data-test="${opened}"]`)
    setOpened(undefined)
    opener?.focus()
  }
  const keypad = (
    <VoiceButton
      name="keypad"
      icon="keypad"
      label={words.control.keypad}
      keys="⇧D"
      expanded={keysOpen}
      disabled={!free || !heard}
      {...(heard || consulting ? {} : { tip: words.control.keys.onHold })}
      onClick={() => toggle('keypad')}
    />
  )
  return (
    <div class="voice-panel">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form */}
      <div class="voice-grid" role="group" aria-label={words.control.buttons} ref={grid}>
        <VoiceButton
          name="mute"
          icon={muted ? 'mic-off' : 'mic'}
          label={muted ? words.control.unmute : words.control.mute}
          keys="M"
          pressed={muted}
          disabled={
            microphone.kind !== 'ready' && !muted && !(call.view.agentBy?.by === 'phone' && phase === 'talking')
          }
          onClick={() => desk.voice.mute(!muted)}
        />
        {consult ? (
          <>
            <SwapButtons consult={consult} free={free} />
            {keypad}
            <CancelConsultButton free={free} />
          </>
        ) : (
          <>
            <VoiceButton
              name="hold"
              icon={hold === 'none' ? 'pause' : 'play'}
              label={holdLabel(hold, words.control)}
              keys="⇧L"
              pressed={hold !== 'none'}
              disabled={!(free || mayTakeBack) || hold === 'retrieving'}
              onClick={() => void (hold === 'none' ? desk.voice.hold() : desk.voice.retrieve())}
            />
            {keypad}
            <VoiceButton
              name="transfer"
              icon="transfer"
              label={words.control.transfer}
              keys="⇧X"
              expanded={formOpen}
              disabled={!free}
              {...(transferring ? { tip: words.control.transferTo.underWay } : {})}
              onClick={() => toggle('transfer')}
            />
          </>
        )}
        <VoiceButton
          name="hang-up"
          icon="phone-off"
          label={
            busy.has('hang-up')
              ? words.control.hangingUp
              : phase === 'dialling'
                ? words.control.dial.cancel
                : words.control.hangUp
          }
          keys="⇧H"
          tone="stop"
          wide={!consulting}
          disabled={busy.has('hang-up')}
          onClick={() => void desk.hangUp()}
        />
      </div>
      <SpeakByButton call={call} />
      {keysOpen ? <Keypad to={speaking === 'consulted' ? consult?.to : undefined} onClose={close} /> : null}
      {formOpen && control ? (
        <TransferForm mayConsult={control.mayConsult} onDone={() => setOpened(undefined)} onClose={close} />
      ) : null}
    </div>
  )
}

function holdLabel(
  hold: 'none' | 'asked' | 'held' | 'unsignalled' | 'retrieving',
  words: { hold: string; retrieve: string; retrieving: string },
): string {
  if (hold === 'none') return words.hold
  return hold === 'retrieving' ? words.retrieving : words.retrieve
}
