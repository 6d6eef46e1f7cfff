import { SdpRefusal } from '../../media/edge/remote-voice.ts'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { CallFailed, type CallLeg } from '../../signaling/sip/call-leg.ts'
import type { PlacedCall } from '../dialling/dialler.ts'
import type { CallDeps } from './call-parts.ts'
import { followOffers } from './follow-offers.ts'

/** What calls somebody; a Dialler is one. */
export type Places = {
  place(o: { to: string; sdp: string; onProvisional: (status: number, sdp: string | undefined) => void }): PlacedCall
}

export type DialProgress = 'trying' | 'ringing' | 'early-media'

/** A call of ours on its way to somebody, joined to the RTP endpoint that was opened for it. */
export class DialledLeg {
  /** @throws CallFailed */
  readonly answered: Promise<CallLeg>
  readonly #edge: VoiceEdge
  readonly #placed: PlacedCall
  readonly #changed: () => void
  #progress: DialProgress = 'trying'
  #sdp: string | undefined

  constructor(o: {
    callId: CallId
    to: string
    edge: VoiceEdge
    dialler: Places
    deps: CallDeps
    changed: () => void
  }) {
    this.#edge = o.edge
    this.#changed = o.changed
    // Made as for an INVITE without an offer: so the codec of the agent's browser is known before anybody answers, and
    // what the trunk may choose is what can be carried with it.
    const sdp = o.edge.answer(undefined)
    const { to } = o
    this.#placed = o.dialler.place({ to, sdp, onProvisional: (status, early) => this.#told(status, early) })
    this.answered = this.#placed.answered.then(({ leg, answerSdp }) => {
      followOffers({ callId: o.callId, leg, edge: o.edge, deps: o.deps })
      try {
        this.#take(answerSdp)
      } catch (error) {
        void leg.hangUp('the answer cannot be carried')
        const { status } = error instanceof SdpRefusal ? error : { status: 500 }
        throw new CallFailed(
          { kind: 'not-acceptable', status, reason: 'the answer cannot be carried' },
          { cause: error },
        )
      }
      return leg
    })
    this.answered.catch(() => {})
  }

  get progress(): DialProgress {
    return this.#progress
  }

  giveUp(): void {
    this.#placed.giveUp()
  }

  #told(status: number, early: string | undefined): void {
    if (early !== undefined) {
      try {
        this.#take(early)
        this.#set('early-media')
      } catch {
        // Early media that cannot be carried is not heard; the answer itself may be another.
      }
    } else if (status === 180 && this.#progress !== 'early-media') this.#set('ringing')
  }

  #take(sdp: string): void {
    if (sdp === this.#sdp) return
    // Another branch of the call has another answer to the same offer.
    if (this.#sdp === undefined) this.#edge.acceptAnswer(sdp)
    else this.#edge.acceptAnswerOfBranch(sdp)
    this.#sdp = sdp
    this.#edge.startSilence()
  }

  #set(progress: DialProgress): void {
    if (this.#progress === progress) return
    this.#progress = progress
    this.#changed()
  }
}
