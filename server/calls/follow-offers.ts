import { SdpRefusal } from '../../media/edge/remote-voice.ts'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { CallDeps } from './call-parts.ts'

/** The peer's offers, in re-INVITEs, UPDATEs and ACKs, are answered by the leg's own RTP endpoint. */
export function followOffers(o: { callId: CallId; leg: CallLeg; edge: VoiceEdge; deps: CallDeps }): void {
  const { callId, leg, edge, deps } = o
  leg.onOffer(async offer => {
    try {
      return { sdp: edge.answer(offer) }
    } catch (error) {
      if (error instanceof SdpRefusal) return { status: error.status, reason: error.message }
      deps.events.fault('re-INVITE', error)
      return { status: 500, reason: 'Server Internal Error' }
    }
  })
  leg.onAnswerInAck(answer => {
    try {
      edge.acceptAnswer(answer)
    } catch (error) {
      // RFC 3261 section 14.1: a useless answer in the ACK leaves the session as it was.
      deps.logger.warn({ callId, err: error }, 'the answer in the ACK was refused')
    }
  })
}
