import { carriedWith } from '../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import { CallFailed, type CallLeg, type LegGone, LegGoneError } from '../../signaling/sip/call-leg.ts'
import type { DialPlace } from '../dialling/dial-policy.ts'
import { requireDialler } from '../dialling/dialler.ts'
import type { BridgedLine } from './bridged-pair.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { DialledLeg, type DialProgress } from './dialled-leg.ts'
import { edgeOptions } from './edge-options.ts'
import type { OurHold } from './our-hold.ts'

/** A line with the place that it takes among the calls out, where it takes one. */
export type GivenLine = BridgedLine & { readonly place: DialPlace | undefined }

/** Somebody who was asked and is on the line already. */
export type AskedLine = GivenLine & {
  readonly hold: OurHold
  /** The line is no longer the consultation's. */
  readonly givenAway: () => void
}

export type TransferBridgeOptions = {
  readonly callId: CallId
  readonly agent: UserId
  readonly callerLeg: CallLeg
  readonly hold: Pick<OurHold, 'retrieve'>
  readonly media: Pick<CallMedia, 'edge' | 'part'>
  readonly deps: CallDeps
  /** The caller's line, no longer the call's; undefined when the call is ending. */
  readonly handOver: () => GivenLine | undefined
}

/**
 * A transfer that we carry out ourselves, where the far end cannot: whom the caller is to reach is called by us, and the two
 * lines become a pair. The caller hears the hold's music up to the moment of the joining, and nothing of what the network
 * plays meanwhile: where nobody answers, the agent is back as if nothing had happened.
 */
export class TransferBridge {
  readonly #o: TransferBridgeOptions
  #givingUp: (() => void) | undefined

  constructor(o: TransferBridgeOptions) {
    this.#o = o
  }

  /** Whether anything can be called at all. */
  get isOpen(): boolean {
    return this.#o.deps.dialler()?.isOpen === true
  }

  /** A place for the call to `to`: the same door as for any call out. @throws AppError `forbidden`, `too-many`, `unavailable` */
  reserve(to: string): DialPlace {
    return requireDialler(this.#o.deps.dialler()).reserve(this.#o.agent, to)
  }

  /**
   * Calls `to`; resolves when it has answered and both are joined. The place is given back, whatever comes.
   * @throws CallFailed, LegGoneError when the caller is gone, AppError `unavailable` when the caller could not be taken back
   * from hold, PortsExhausted
   */
  async call(to: string, place: DialPlace, progress: (progress: DialProgress) => void): Promise<void> {
    const { callId, deps, media } = this.#o
    let edge: VoiceEdge | undefined
    let leg: CallLeg | undefined
    let joined = false
    try {
      this.#assertThere()
      edge = await VoiceEdge.create({ ...edgeOptions(deps), codecs: carriedWith(media.edge.codec) })
      this.#assertThere()
      const dialler = requireDialler(deps.dialler())
      const dialled: DialledLeg = new DialledLeg({
        ...{ callId, to, edge, dialler, deps },
        changed: () => progress(dialled.progress),
      })
      leg = await this.#answered(dialled)
      await this.#join({ leg, edge, place })
      joined = true
    } finally {
      if (!joined) {
        await Promise.all([leg?.hangUp('the two could not be connected'), edge?.close()])
        place.release()
      }
    }
  }

  /** Joins the caller with somebody who is on the line already. @throws LegGoneError, AppError `unavailable` */
  async connect(asked: AskedLine): Promise<void> {
    const waited = asked.hold.state !== 'none'
    try {
      await this.#join(asked, asked)
    } catch (error) {
      // As it was before: whoever heard music hears it again.
      if (waited && !asked.leg.gone.aborted) void asked.hold.hold()
      throw error
    }
  }

  /** The agent takes the caller back before anybody has answered. False when there is nothing to give up any more. */
  giveUp(): boolean {
    this.#givingUp?.()
    return this.#givingUp !== undefined
  }

  /** Up to the answer, or to whatever makes it useless. @throws CallFailed, LegGoneError */
  async #answered(dialled: DialledLeg): Promise<CallLeg> {
    const { callerLeg, deps } = this.#o
    const { promise: useless, reject } = Promise.withResolvers<never>()
    const gone = () => reject(new LegGoneError(callerLeg.gone.reason as LegGone))
    const timer = setTimeout(
      () => reject(new CallFailed({ kind: 'no-answer', status: 480, reason: 'nobody answered in time' })),
      deps.rules.ringTimeoutMs,
    )
    this.#givingUp = () => reject(new CallFailed({ kind: 'cancelled', status: 487, reason: 'taken back' }))
    callerLeg.gone.addEventListener('abort', gone, { once: true })
    try {
      return await Promise.race([dialled.answered, useless])
    } catch (error) {
      dialled.giveUp()
      // Its answer may have crossed the end.
      void dialled.answered.then(late => late.hangUp('given up before the answer')).catch(() => {})
      throw error
    } finally {
      this.#givingUp = undefined
      clearTimeout(timer)
      callerLeg.gone.removeEventListener('abort', gone)
    }
  }

  /** From here on the agent hears neither and is heard by neither; both are off hold when they become a pair. */
  async #join(target: GivenLine, asked?: Pick<AskedLine, 'hold' | 'givenAway'>): Promise<void> {
    const { callId, deps, hold, media, handOver } = this.#o
    media.part(true)
    try {
      await Promise.all([hold.retrieve(), asked?.hold.retrieve()])
      this.#assertThere()
      if (target.leg.gone.aborted)
        throw new CallFailed({ kind: 'failed', status: 487, reason: 'hung up before they were joined' })
      const caller = handOver()
      if (caller === undefined) throw new LegGoneError({ by: 'us', cancelled: false })
      asked?.givenAway()
      const places = [caller.place, target.place].filter(place => place !== undefined)
      deps.bridges.join({ callId, caller, target, places })
    } catch (error) {
      media.part(false)
      throw error
    }
  }

  #assertThere(): void {
    const { gone } = this.#o.callerLeg
    if (gone.aborted) throw new LegGoneError(gone.reason as LegGone)
  }
}
