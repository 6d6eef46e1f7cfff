import type { CallView } from '../../signaling/protocol/call.ts'
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
  const voice =
    link === 'interrupted'
      ? 'interrupted'
      : view.phase === 'answering' || link === 'connecting'
        ? 'connecting'
        : view.agentVoice
  const danger = voice === 'interrupted' || voice === 'away' || (voice === 'none' && view.phase === 'talking')
  if (danger) return { state: voice, tone: 'danger', text: words.voice[voice] }
  const control = controlLine(view, words)
  if (control) return control
  if (muted) return { state: 'muted', tone: 'strong', text: words.control.muted }
  const tone = voice === 'connected' ? 'ok' : 'quiet'
  return { state: voice, tone, text: words.voice[voice] }
}

/** What the agent has set going with the voice and what is awaited; undefined when both simply speak. */
function controlLine({ control }: CallView, words: BenchWords): VoiceLine | undefined {
  if (!control) return undefined
  const say = words.control
  const { transfer, consult, hold } = control
  if (transfer && transfer.state !== 'failed')
    return {
      state: `transfer-${transfer.state}`,
      tone: 'strong',
      text: say.transferring[transfer.state](transfer.to),
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

/** A transfer or consultation that came to nothing; undefined when none did. */
export function failedLine({ control }: CallView, words: BenchWords): string | undefined {
  if (control?.transfer?.state === 'failed') {
    const { to, failure } = control.transfer
    return words.control.transferFailed(to, words.common.dialFailures[failure ?? 'failed'])
  }
  return control?.consultFailure && words.control.consult.failed(words.common.dialFailures[control.consultFailure])
}
