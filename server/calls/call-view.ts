import type { CallEnd, CallView } from '../../signaling/protocol/call.ts'
import type { CaptureView } from '../../signaling/protocol/capture.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { Call } from './call.ts'
import type { LiveVoice } from './live-voice.ts'

/** What the workbench shows of a call, from its parts. */
export function callView(o: {
  call: Call
  /** From the moment an agent has taken the call. */
  record: AnsweredCall | undefined
  liveVoice: LiveVoice | undefined
  end: CallEnd | undefined
}): CallView {
  const { call, record } = o
  const isTalking = call.phase === 'talking'
  const answered = isTalking ? record : undefined
  const presence = o.liveVoice?.presence
  const answeredAt = record?.answeredAt
  const invite = answered?.invite.view
  const scenario = answered?.scenario.current ?? call.deps.scenarios.forCalled(call.voice.to)
  return {
    callId: call.id,
    from: call.voice.from,
    to: call.voice.to,
    voice: call.voice.place,
    ...(call.voice.place !== 'here' && { external: call.voice.facts.name }),
    direction: call.voice.place === 'here' ? call.voice.direction : 'in',
    phase: call.phase,
    ...(call.dialling && { dialling: call.dialling }),
    rangAt: call.rangAt.toISOString(),
    ...(answeredAt && { answeredAt: answeredAt.toISOString(), elapsedMs: call.clock.nowMs() }),
    ...(call.seat && { agent: call.seat.agent }),
    agentVoice: agentVoice(call, presence),
    ...(call.agentVoice.view && { agentBy: call.agentVoice.view }),
    ...(isTalking && o.liveVoice && { control: o.liveVoice.control.view }),
    heldByCaller: presence?.held ?? false,
    callerVoice: !(presence?.callerLost ?? false),
    ...(invite && { invite }),
    camera: answered?.camera.state ?? 'none',
    recording: record?.archive.isDegraded ? 'degraded' : answered ? recordingOf(answered.capture.view) : 'off',
    ...(answered && { capture: answered.capture.view, flags: answered.capture.triggers.flags }),
    scenario: { id: scenario.id, title: scenario.title },
    tools: scenario.tools,
    consents: answered?.consents.view ?? {},
    rung: answered?.ladder.rung ?? 'live',
    ...(answered?.ladder.network && { network: answered.ladder.network }),
    ...(answered?.phone.abilities && { abilities: answered.phone.abilities }),
    holdStill: answered?.phone.holdStill ?? false,
    ...(answered?.rebind.view && { rebind: answered.rebind.view }),
    onlookers: call.onlookers.view,
    ...(o.end && { end: o.end }),
  }
}

function recordingOf(capture: CaptureView): CallView['recording'] {
  if (capture.shutter) return 'paused'
  return capture.voice || capture.picture ? 'on' : 'off'
}

function agentVoice(call: Call, presence: LiveVoice['presence'] | undefined): CallView['agentVoice'] {
  if (!call.seat || call.voice.place !== 'here') return 'none'
  return call.phase === 'answering' ? 'connecting' : (presence?.agent ?? 'none')
}
