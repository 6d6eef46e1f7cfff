import { carriedWith } from '../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { ConsultFailure, Consultation as Told, VoiceControlView } from '../../signaling/protocol/voice.ts'
import { CallFailed, type CallLeg, type LegGone } from '../../signaling/sip/call-leg.ts'
import type { DialPlace } from '../dialling/dial-policy.ts'
import { requireDialler } from '../dialling/dialler.ts'
import type { CallLog } from './call-log.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import type { CallTransfer } from './call-transfer.ts'
import { DialledLeg } from './dialled-leg.ts'
import { edgeOptions } from './edge-options.ts'
import { OurHold } from './our-hold.ts'

type Asked = {
  readonly to: string
  readonly edge: VoiceEdge
  readonly dialled: DialledLeg
  readonly place: DialPlace
  speaking: Told['speaking']
  leg: CallLeg | undefined
  hold: OurHold | undefined
}

type ConsultationOptions = {
  readonly callId: CallId
  readonly agent: UserId
  readonly callerLeg: CallLeg
  readonly media: Pick<CallMedia, 'edge' | 'divert'>
  readonly hold: OurHold
  readonly transfer: CallTransfer
  readonly log: Pick<CallLog, 'write'>
  readonly deps: CallDeps
  readonly changed: () => void
}

/**
 * The agent asks somebody else while the caller is held: a second call through the trunk, to which the agent's voice is
 * switched. It has no tap, so nothing of it is recorded; the journal says so.
 */
export class Consultation {
  readonly #o: ConsultationOptions
  #asked: Asked | undefined
  #failure: VoiceControlView['consultFailure']
  #opening = false
  #closed = false

  constructor(o: ConsultationOptions) {
    this.#o = o
  }

  get view(): Pick<VoiceControlView, 'consult' | 'consultFailure' | 'mayConsult'> {
    const asked = this.#asked
    return {
      mayConsult: this.#o.deps.dialler()?.isOpen === true,
      ...(asked && { consult: { to: asked.to, state: stateOf(asked), speaking: asked.speaking } }),
      ...(this.#failure && { consultFailure: this.#failure }),
    }
  }

  /** The call to the one asked while the agent speaks with that one; undefined while the agent speaks with the caller, or nobody. */
  get spokenWith(): (Pick<Asked, 'edge'> & { leg: CallLeg; hold: OurHold }) | undefined {
    const { edge, leg, hold, speaking } = this.#asked ?? {}
    if (!edge || !leg || !hold || speaking !== 'consulted' || this.#o.transfer.underWay) return undefined
    return { edge, leg, hold }
  }

  /** Holds the caller and calls `to`; resolves when it is being called. @throws AppError, PortsExhausted */
  async begin(to: string): Promise<void> {
    if (this.#asked || this.#opening) throw new AppError('conflict', 'somebody is being asked already')
    if (this.#o.transfer.underWay) throw new AppError('conflict', 'a transfer is under way')
    const { callId, agent, media, deps, hold, log } = this.#o
    const dialler = requireDialler(deps.dialler())
    const place = dialler.reserve(agent, to)
    this.#opening = true
    let edge: VoiceEdge | undefined
    try {
      await hold.hold()
      // In what can be carried with the codec that the agent's browser speaks already, and the caller.
      edge = await VoiceEdge.create({ ...edgeOptions(deps), codecs: carriedWith(media.edge.codec) })
      if (this.#closed) throw new AppError('gone', 'the call has ended')
      const dialled = new DialledLeg({ callId, to, edge, dialler, deps, changed: this.#o.changed })
      const asked: Asked = { to, edge, dialled, place, speaking: 'consulted', leg: undefined, hold: undefined }
      this.#asked = asked
      this.#failure = undefined
      media.divert(edge)
      log.write({ type: 'consult.began', to })
      this.#o.changed()
      dialled.answered.then(
        leg => this.#answered(asked, leg),
        error => void this.#over(asked, error instanceof CallFailed ? error.kind : 'failed'),
      )
    } catch (error) {
      place.release()
      await edge?.close()
      throw error
    } finally {
      this.#opening = false
    }
  }

  /** The other one of the two hears music. @throws AppError `conflict` before the one asked has answered */
  async speakTo(who: Told['speaking']): Promise<void> {
    const asked = this.#asked
    if (!asked?.hold) throw new AppError('conflict', 'nobody who was asked has answered')
    if (asked.speaking === who) return
    if (this.#o.transfer.underWay) throw new AppError('conflict', 'a transfer is under way')
    asked.speaking = who
    const { media, hold, log } = this.#o
    const [waits, speaks] = who === 'caller' ? [asked.hold, hold] : [hold, asked.hold]
    const waiting = waits.hold()
    media.divert(who === 'caller' ? undefined : asked.edge)
    log.write({ type: 'consult.speaking', with: who })
    this.#o.changed()
    await Promise.all([waiting, speaks.retrieve()])
  }

  /** Hands the caller over to who was asked; how it goes on is the transfer's. @throws AppError `conflict` */
  connect(): void {
    const asked = this.#asked
    if (!asked?.leg || !asked.hold) throw new AppError('conflict', 'nobody who was asked has answered')
    const { to, leg, edge, hold, place } = asked
    const line = { leg, edge, hold, place, givenAway: () => this.#givenAway(asked) }
    this.#o.transfer.start({ kind: 'attended', to, asked: line })
  }

  /** Ends the asking; the caller is taken back. @throws AppError `conflict` when nobody is being asked */
  async cancel(): Promise<void> {
    if (!this.#asked) throw new AppError('conflict', 'nobody is being asked')
    // Whose call is being taken over must not be hung up on in the middle of it.
    if (this.#o.transfer.underWay) throw new AppError('conflict', 'a transfer is under way')
    await this.#over(this.#asked)
  }

  /** The one asked may have taken the caller's place, and left here, before the transfer turned out to have failed. */
  transferChanged(): void {
    const asked = this.#asked
    if (!asked?.leg || this.#o.transfer.view?.state !== 'failed') return
    if (asked.leg.gone.aborted) void this.#over(asked)
    // The hand-over has put the caller on hold: whoever was spoken with before it is spoken with again.
    else if (asked.speaking === 'caller') void this.#takeBack()
  }

  /** With the call. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#asked) await this.#over(this.#asked)
  }

  #answered(asked: Asked, leg: CallLeg): void {
    if (this.#asked !== asked) {
      void leg.hangUp('given up before the answer')
      return
    }
    const { deps, changed, log } = this.#o
    asked.leg = leg
    // What is done with this second call stands in the journal by who is spoken with, not as a hold of the caller.
    asked.hold = new OurHold({
      ...{ edge: asked.edge, leg, logger: deps.logger, changed },
      log: { write: () => undefined },
      held: () => {},
    })
    log.write({ type: 'consult.answered' })
    changed()
    const gone = () => {
      // The one asked ends this call to take the caller's place: the transfer itself says how that went.
      if (this.#o.transfer.underWay) return
      const { by } = leg.gone.reason as LegGone
      void this.#over(asked, by === 'peer' ? 'hung-up' : 'failed')
    }
    leg.gone.addEventListener('abort', gone, { once: true })
    if (leg.gone.aborted) gone()
  }

  /** Caller and who was asked speak with each other: both lines are a pair's now. */
  #givenAway(asked: Asked): void {
    if (this.#asked !== asked) return
    this.#asked = undefined
    this.#o.media.divert(undefined)
    this.#o.log.write({ type: 'consult.ended' })
    this.#o.changed()
  }

  async #over(asked: Asked, why?: ConsultFailure): Promise<void> {
    if (this.#asked !== asked) return
    this.#asked = undefined
    this.#failure = why && { to: asked.to, why }
    const { log, media, changed } = this.#o
    media.divert(undefined)
    log.write({ type: 'consult.ended', ...(why && { failure: why }) })
    changed()
    asked.dialled.giveUp()
    asked.place.release()
    await Promise.all([asked.leg?.hangUp('the asking is over'), asked.edge.close()])
    if (!this.#closed) await this.#takeBack()
  }

  #takeBack(): Promise<void> {
    const { hold, deps, callId } = this.#o
    return hold
      .retrieve()
      .catch(error => deps.logger.warn({ callId, err: error }, 'the caller was not taken back after a consultation'))
  }
}

function stateOf(asked: Asked): Told['state'] {
  if (asked.leg) return 'talking'
  return asked.dialled.progress === 'trying' ? 'dialling' : 'ringing'
}
