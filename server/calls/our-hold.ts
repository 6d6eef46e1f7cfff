import { SdpRefusal } from '../../media/edge/remote-voice.ts'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { HoldState } from '../../signaling/protocol/voice.ts'
import { type CallLeg, LegGoneError, OfferRefused } from '../../signaling/sip/call-leg.ts'
import type { Logger } from '../logger.ts'
import type { CallLog } from './call-log.ts'

type OurHoldOptions = {
  readonly edge: Pick<VoiceEdge, 'holdByUs' | 'toldHold' | 'offer' | 'abandonOffer' | 'acceptAnswer'>
  readonly leg: Pick<CallLeg, 'offer' | 'gone'>
  readonly log: Pick<CallLog, 'write'>
  readonly logger: Logger
  /** Told before the far end is: the picture pauses and comes back with the voice. */
  readonly held: (on: boolean) => void
  readonly changed: () => void
}

/**
 * The agent's hold of the caller. It works at once and whatever the far end says: music goes out and the agent hears nothing
 * from the press on; the re-INVITE (RFC 3264 section 8.4) only tells the far end. Retrieving needs the far end, which would
 * otherwise go on sending nothing.
 */
export class OurHold {
  readonly #o: OurHoldOptions
  #state: HoldState = 'none'
  /** One exchange after the other: what was pressed last is what counts in the end. */
  #last: Promise<void> = Promise.resolve()

  constructor(o: OurHoldOptions) {
    this.#o = o
  }

  get state(): HoldState {
    return this.#state
  }

  /** Idempotent. Resolves when the far end has taken or refused it. */
  hold(): Promise<void> {
    if (this.#state === 'asked' || this.#state === 'held' || this.#state === 'unsignalled') return this.#last
    const isNew = this.#state === 'none'
    if (isNew) this.#o.log.write({ type: 'voice.held', by: 'agent' })
    // Before anybody is told: who hears of it asks for the state.
    this.#state = 'asked'
    this.#o.edge.holdByUs('sendonly')
    if (isNew) this.#o.held(true)
    this.#o.changed()
    return this.#next(() => this.#tell('sendonly'))
  }

  /**
   * Idempotent. Resolves when both hear each other again. @throws AppError `unavailable` when the far end did not take it;
   * the caller is then still on hold
   */
  retrieve(): Promise<void> {
    if (this.#state === 'none' || this.#state === 'retrieving') return this.#last
    this.#set('retrieving')
    return this.#next(() => this.#tell(undefined))
  }

  #next(run: () => Promise<void>): Promise<void> {
    const next = this.#last.catch(() => {}).then(run)
    next.catch(() => {})
    this.#last = next
    return next
  }

  async #tell(direction: 'sendonly' | undefined): Promise<void> {
    const { edge, leg, logger } = this.#o
    const wanted: HoldState = direction === undefined ? 'retrieving' : 'asked'
    // Pressed again meanwhile, or gone: the next exchange tells the last wish.
    if (this.#state !== wanted || leg.gone.aborted) return
    let answerSdp: string
    try {
      answerSdp = await leg.offer({
        make: () => {
          edge.holdByUs(direction)
          return edge.offer()
        },
        withdrawn: () => {
          edge.abandonOffer()
          // Here the hold goes on, whatever the far end makes of it.
          edge.holdByUs('sendonly')
        },
      })
      edge.acceptAnswer(answerSdp)
    } catch (error) {
      if (error instanceof LegGoneError) return
      if (!(error instanceof OfferRefused) && !(error instanceof SdpRefusal)) throw error
      logger.warn({ status: error.status, holding: direction !== undefined }, 'the far end did not take our offer')
      if (error instanceof SdpRefusal) {
        edge.abandonOffer()
        edge.holdByUs('sendonly')
      }
      if (direction === undefined && !edge.toldHold) {
        // It never agreed to be held either: what both last agreed on is that both speak.
        edge.holdByUs(undefined)
        this.#retrieved(wanted)
        return
      }
      if (this.#state === wanted) this.#set('unsignalled')
      if (direction === undefined) throw new AppError('unavailable', 'the far end did not take the call back from hold')
      return
    }
    if (direction === undefined) this.#retrieved(wanted)
    else if (this.#state === wanted) this.#set('held')
  }

  #retrieved(wanted: HoldState): void {
    if (this.#state !== wanted) return
    this.#set('none')
    this.#o.log.write({ type: 'voice.retrieved', by: 'agent' })
    this.#o.held(false)
  }

  #set(state: HoldState): void {
    this.#state = state
    this.#o.changed()
  }
}
