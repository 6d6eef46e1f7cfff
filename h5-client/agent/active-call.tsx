import { useState } from 'preact/hooks'
import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { otherNumber } from '../shared/console/other-number.ts'
import { useStore } from '../shared/console/use-store.ts'
import { type BenchWords, useBench } from './bench.ts'
import { CardShutterButton } from './card-shutter.tsx'
import { elapsedMs, type JoinedCall } from './desk-state.ts'
import { ExternalCall } from './external-call.tsx'
import { RecorderControls } from './recorder-controls.tsx'
import { ScenarioChoice } from './scenario-choice.tsx'
import { useNow } from './use-now.ts'
import { VoicePanel } from './voice-panel.tsx'
import { FAILURES, failedLine, voiceLine } from './voice-words.ts'

export function ActiveCall({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const microphone = useStore(desk.microphone.state)
  const muted = call.view.control?.muted === true || (microphone.kind === 'ready' && microphone.muted)
  return (
    <article class="card call active-call" data-test="active-call" data-phase={call.view.phase}>
      <p class="number" data-test="active-number">
        {otherNumber(call.view) || words.unknownNumber}
      </p>
      <p class="quiet">
        {call.view.direction === 'out' ? words.control.dial.shownAs(call.view.from) : words.calledNumber(call.view.to)}
      </p>
      <CallTimer call={call} />
      <ScenarioChoice call={call} />
      {call.view.voice === 'here' ? <VoicePanel call={call} muted={muted} /> : <ExternalCall call={call} />}
      <CallLines call={call} muted={muted} />
      <CardShutterButton call={call} />
      <RecorderControls call={call} />
    </article>
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
  const { heldByCaller, callerVoice, recording, phase } = call.view
  const voice = voiceLine(call.view, link, muted, words)
  const degraded = recording === 'degraded'
  const held = isOnHold(call.view)
  // "You can talk" is not true of somebody who does not listen.
  const saysHeld = heldByCaller && voice.tone === 'ok'
  return (
    <ul class="lines" role="status">
      {call.view.voice === 'here' ? (
        <li class={saysHeld ? 'strong' : voice.tone} data-test="voice-state" data-state={voice.state}>
          <span class="dot" aria-hidden="true" />
          {saysHeld ? <span data-test="held">{words.heldByCaller}</span> : voice.text}
        </li>
      ) : null}
      <FailedLine key={call.callId} call={call} />
      {heldByCaller && !saysHeld ? (
        <li class="strong" data-test="held">
          <span class="dot" aria-hidden="true" />
          {words.heldByCaller}
        </li>
      ) : null}
      {!callerVoice && !held && phase === 'talking' ? (
        <li class="danger" data-test="caller-silent">
          <span class="dot" aria-hidden="true" />
          {words.callerSilent}
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

/** Stays until it is read away or something new is tried: the agent may be speaking when it comes. */
function FailedLine({ call }: { call: JoinedCall }) {
  const { words } = useBench()
  const told = call.entries.flatMap(({ type }) => FAILURES.find(one => one === type) ?? [])
  const count = told.length
  const [read, setRead] = useState(-1)
  const text = failedLine(call.view, told.at(-1), words)
  if (!text || read === count) return null
  return (
    <li class="failed-line" data-test="voice-failed">
      <Icon name="warn" size={16} />
      <span class="grow">{text}</span>
      <button type="button" class="button small" data-test="voice-failed-read" onClick={() => setRead(count)}>
        {words.control.dismiss}
      </button>
    </li>
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
