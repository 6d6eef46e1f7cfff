import type { VoiceCodec } from '../../media/edge/voice-codec.ts'
import { carriedWith } from '../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { DeskPhones } from '../dialling/desk-phones.ts'
import type { CallDeps } from './call-parts.ts'
import { DialledLeg, type Places } from './dialled-leg.ts'
import { edgeOptions } from './edge-options.ts'

/** The second leg of a call, towards the agent's own telephone: the call to it, and its RTP endpoint. */
export class DeskLeg {
  readonly edge: VoiceEdge
  /** @throws CallFailed */
  readonly answered: Promise<CallLeg>
  readonly #dialled: DialledLeg
  #leg: CallLeg | undefined
  #closed = false

  private constructor(edge: VoiceEdge, dialled: DialledLeg) {
    this.edge = edge
    this.#dialled = dialled
    this.answered = dialled.answered.then(leg => {
      this.#leg = leg
      if (this.#closed) void leg.hangUp('taken elsewhere')
      return leg
    })
    this.answered.catch(() => {})
  }

  /**
   * Rings it, with what can be carried together with the caller's codec. @throws PortsExhausted; AppError `unavailable`
   * for a number without a trunk
   */
  static async ring(o: {
    callId: CallId
    address: string
    /** The number that the phone shows. */
    caller: string
    codec: VoiceCodec
    phones: DeskPhones
    deps: CallDeps
    changed: () => void
  }): Promise<DeskLeg> {
    const { callId, address, caller, codec, phones, deps, changed } = o
    const edge = await VoiceEdge.create({ ...edgeOptions(deps), codecs: carriedWith(codec) })
    try {
      const dialler = { place: (call: Parameters<Places['place']>[0]) => phones.place({ ...call, caller }) }
      return new DeskLeg(edge, new DialledLeg({ callId, to: address, edge, dialler, deps, changed }))
    } catch (error) {
      await edge.close()
      throw error
    }
  }

  get rings(): boolean {
    return this.#dialled.progress !== 'trying'
  }

  /** CANCEL or BYE. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#dialled.giveUp()
    await Promise.all([this.#leg?.hangUp('the call is over'), this.edge.close()])
  }
}
