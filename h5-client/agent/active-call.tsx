import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type BenchWords, useBench } from './bench.ts'
import { CardShutterButton } from './card-shutter.tsx'
import { elapsedMs, type JoinedCall } from './desk-state.ts'
import { ExternalCall } from './external-call.tsx'
import { RecorderControls } from './recorder-controls.tsx'
import { ScenarioChoice } from './scenario-choice.tsx'
import { useNow } from './use-now.ts'

export function ActiveCall({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const microphone = useStore(desk.microphone.state)
  const muted = microphone.kind === 'ready' && microphone.muted
  return (
    <article class="card call active-call" data-test="active-call" data-phase={call.view.phase}>
      <p class="number" data-test="active-number">
        {call.view.from || words.unknownNumber}
      </p>
      <p class="quiet">{words.calledNumber(call.view.to)}</p>
      <CallTimer call={call} />
      <ScenarioChoice call={call} />
      <CallLines call={call} muted={muted} />
      {call.view.voice === 'here' ? <VoiceButtons muted={muted} /> : <ExternalCall call={call} />}
      <CardShutterButton call={call} />
      <RecorderControls call={call} />
    </article>
  )
}

function VoiceButtons({ muted }: { muted: boolean }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const microphone = useStore(desk.microphone.state)
  return (
    <div class="row">
      <button
        type="button"
        class={muted ? 'button grow pressed' : 'button grow'}
        data-test="mute"
        aria-pressed={muted}
        disabled={microphone.kind !== 'ready'}
        onClick={() => desk.toggleMute()}
      >
        <Icon name={muted ? 'mic-off' : 'mic'} />
        {muted ? words.unmute : words.mute}
        <kbd>M</kbd>
      </button>
      <button
        type="button"
        class="button stop grow"
        data-test="hang-up"
        disabled={busy.has('hang-up')}
        onClick={() => void desk.hangUp()}
      >
        <Icon name="phone-off" />
        {busy.has('hang-up') ? words.hangingUp : words.hangUp}
        <kbd>⇧H</kbd>
      </button>
    </div>
  )
}

function CallTimer({ call }: { call: JoinedCall }) {
  const { words } = useBench()
  useNow(250)
  const talkedMs = elapsedMs(call, performance.now())
  return (
    <p class="timer" role="timer" aria-label={words.talkTime} data-test="timer">
      {talkedMs === undefined ? '–:––' : clockText(talkedMs)}
    </p>
  )
}

/** The states of voice and recording, in words; red only where voice or recording is in danger. */
function CallLines({ call, muted }: { call: JoinedCall; muted: boolean }) {
  const { desk, words } = useBench()
  const { link } = useStore(desk.media.state)
  const { agentVoice, heldByCaller, callerVoice, recording, phase } = call.view
  const voice =
    link === 'interrupted' ? 'interrupted' : phase === 'answering' || link === 'connecting' ? 'connecting' : agentVoice
  const voiceInDanger = voice === 'interrupted' || voice === 'away' || (voice === 'none' && phase === 'talking')
  const degraded = recording === 'degraded'
  return (
    <ul class="lines" role="status">
      {call.view.voice === 'here' ? (
        <li
          class={voiceInDanger ? 'danger' : voice === 'connected' ? 'ok' : 'quiet'}
          data-test="voice-state"
          data-state={voice}
        >
          <span class="dot" aria-hidden="true" />
          {words.voice[voice]}
        </li>
      ) : null}
      {heldByCaller ? (
        <li class="strong" data-test="held">
          <span class="dot" aria-hidden="true" />
          {words.heldByCaller}
        </li>
      ) : null}
      {!callerVoice && !heldByCaller && phase === 'talking' ? (
        <li class="danger" data-test="caller-silent">
          <span class="dot" aria-hidden="true" />
          {words.callerSilent}
        </li>
      ) : null}
      {muted ? (
        <li class="strong">
          <span class="dot" aria-hidden="true" />
          {words.mutedNote}
        </li>
      ) : null}
      <li
        class={degraded ? 'danger' : recording === 'paused' ? 'strong' : 'quiet'}
        data-test="recording"
        data-state={recording}
      >
        <span class={recording === 'off' ? 'dot hollow' : 'dot'} aria-hidden="true" />
        {recordingWords(call, words)}
      </li>
    </ul>
  )
}

function recordingWords({ view }: JoinedCall, words: BenchWords): string {
  const { capture, consents, recording } = view
  switch (recording) {
    case 'degraded':
      return words.recordingDegraded
    case 'paused':
      return words.capture.recordingPaused
    case 'off':
      return words.recordingOff
    case 'on':
      if (capture?.voice === false) return words.capture.onlyPicture
      if (capture?.picture === false) return words.capture.onlyVoice
      return consents.recording === false ? words.wb.voiceOnly : words.recordingOn
  }
}
