import type { CallView } from '../../signaling/protocol/call.ts'
import type { VoiceControlView } from '../../signaling/protocol/voice.ts'
import type { BenchWords } from './bench.ts'

/** How the voice stands, as one line: what is most pressing, in words. */
export type VoiceLine = {
  readonly state: string
  readonly tone: 'ok' | 'quiet' | 'strong' | 'danger'
  readonly text: string
}

/**
 * @param link how this page's own path to the room stands
 * @param muted here or at the server: nobody hears the agent
 */
export function voiceLine(view: CallView, link: string, muted: boolean, words: BenchWords): VoiceLine {
  const phone = phoneLine(view, words)
  if (phone && phone.tone !== 'ok') return phone
  const voice = phone
    ? 'connected'
    : link === 'interrupted'
      ? 'interrupted'
      : view.phase === 'answering' || link === 'connecting'
        ? 'connecting'
        : view.agentVoice
  const danger = voice === 'interrupted' || voice === 'away' || (voice === 'none' && view.phase === 'talking')
  if (danger) return { state: voice, tone: 'danger', text: words.voice[voice] }
  const { dialling } = view
  if (dialling) return { state: `dial-${dialling}`, tone: 'strong', text: words.control.dial.state[dialling] }
  const control = controlLine(view, words)
  if (control) return control
  if (muted) return { state: 'muted', tone: 'strong', text: words.control.muted }
  if (phone) return phone
  const tone = voice === 'connected' ? 'ok' : 'quiet'
  return { state: voice, tone, text: words.voice[voice] }
}

/** Where the voice is when the agent's own telephone has to do with it: what is awaited, and what is in danger. */
function phoneLine({ agentBy, agentVoice, phase }: CallView, words: BenchWords): VoiceLine | undefined {
  const say = words.deskPhone
  const { by, phone } = agentBy ?? {}
  if (phone === undefined) return undefined
  if (phone === 'lost') return { state: 'phone-lost', tone: 'danger', text: say.lost }
  if (phone === 'talking') {
    if (by === 'browser') return { state: 'phone-leaving', tone: 'strong', text: say.leaving }
    if (agentVoice === 'away') return { state: 'phone-silent', tone: 'danger', text: say.silent }
    return { state: 'phone-talking', tone: 'ok', text: say.talking }
  }
  const text = phase === 'talking' ? say.moving[phone] : say.answering[phone]
  return { state: `phone-${phone}`, tone: 'strong', text }
}

/** What the agent has set going with the voice and what is awaited; undefined when both simply speak. */
function controlLine({ control }: CallView, words: BenchWords): VoiceLine | undefined {
  if (!control) return undefined
  const say = words.control
  const { transfer, consult, hold } = control
  if (transfer && transfer.state !== 'failed') {
    const { state, way, kind, to } = transfer
    if (way === 'bridge' && state === 'trying')
      return { state: 'transfer-bridging', tone: 'strong', text: say.bridging[kind](to) }
    // Of a hand-over the other one is on the line already.
    const text = kind === 'attended' ? say.connecting(to) : say.transferring[state](to)
    return { state: `transfer-${state}`, tone: 'strong', text }
  }
  if (consult) {
    const text =
      consult.state === 'talking'
        ? say.consult.speaking[consult.speaking](consult.to)
        : say.consult.state[consult.state](consult.to)
    return { state: `consult-${consult.state === 'talking' ? consult.speaking : consult.state}`, tone: 'strong', text }
  }
  return hold === 'none' ? undefined : { state: `hold-${hold}`, tone: 'strong', text: say.state[hold] }
}

/** Entries of the journal with which something comes to nothing, or may. */
export const FAILURES = ['transfer.failed', 'consult.ended', 'agent.phone-failed'] as const
export type Failure = (typeof FAILURES)[number]

/**
 * What came to nothing with the transfer, the consultation or the agent's phone; undefined when nothing did.
 * @param last which of the three it was that was told last, where any was
 */
export function failedLine(view: CallView, last: Failure | undefined, words: BenchWords): string | undefined {
  const { control, agentBy } = view
  const say = words.control
  const why = words.common.dialFailures
  if (agentBy?.failed && (last === undefined || last === 'agent.phone-failed'))
    return words.deskPhone.failed(why[agentBy.failed.why])
  if (last === 'consult.ended') return control && consultFailedLine(control, words)
  if (control?.transfer?.state !== 'failed') return undefined
  return say.transferFailed(control.transfer.to, why[control.transfer.failure ?? 'failed'])
}

function consultFailedLine({ consultFailure, hold }: VoiceControlView, words: BenchWords): string | undefined {
  const say = words.control.consult
  if (!consultFailure) return undefined
  const { to, why } = consultFailure
  const text = why === 'hung-up' ? say.left(to) : say.failed(words.common.dialFailures[why])
  // While the line has not taken the caller back yet, the state of the voice says how that stands.
  return hold === 'none' ? say.callerBack(text) : text
}
