import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { AgentVoiceView, SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { DialFailure } from '../../signaling/protocol/voice.ts'
import { CallFailed, type CallLeg, type LegGone } from '../../signaling/sip/call-leg.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { DeskLeg } from './desk-leg.ts'

/** Longer and a mailbox would answer, or nobody. */
const RING_MS = 30_000

export type AgentVoiceEvents = {
  changed(): void
  /** The phone has answered; it is the agent's voice from now on. */
  phoneAnswered(): void
  phoneFailed(failure: DialFailure): void
  phoneHungUp(): void
  /** Gone without having been hung up. */
  phoneLost(): void
  /** The hold key of the phone. */
  phoneHolds(on: boolean): void
  phoneKey(digit: string): void
  /** The browser is the agent's voice again. */
  browserSpeaks(): void
}

type AgentVoiceOptions = {
  readonly callId: CallId
  /** The number that the phone shows. */
  readonly caller: string
  readonly media: () => CallMedia | undefined
  readonly deps: CallDeps
  readonly events: AgentVoiceEvents
  readonly ringMs?: number
}

/** By what the agent speaks in a call: the page's microphone, or the agent's own telephone as a second leg. */
export class AgentVoice {
  readonly #o: AgentVoiceOptions
  #by: SpeaksBy = 'browser'
  #leg: DeskLeg | undefined
  #state: AgentVoiceView['phone']
  #failed: AgentVoiceView['failed']
  #ringing: NodeJS.Timeout | undefined
  #attempt = 0

  constructor(o: AgentVoiceOptions) {
    this.#o = o
  }

  /** As wished; see `view`. */
  get by(): SpeaksBy {
    return this.#by
  }

  get view(): AgentVoiceView | undefined {
    if (this.#by === 'browser' && this.#state === undefined && this.#failed === undefined) return undefined
    const state = this.#state === 'called' && this.#leg?.rings === true ? 'ringing' : this.#state
    return { by: this.#by, ...(state && { phone: state }), ...(this.#failed && { failed: this.#failed }) }
  }

  /**
   * Rings the agent's phone; what becomes of it is told by events. @throws AppError `conflict` without a phone,
   * `unavailable`; PortsExhausted
   */
  async byPhone(agent: UserId): Promise<void> {
    const { callId, caller, deps, events } = this.#o
    const phones = deps.phones()
    const media = this.#o.media()
    if (phones === undefined || media === undefined) throw new AppError('unavailable', 'no phone can be called now')
    const { address } = phones.require(agent)
    this.#by = 'phone'
    this.#failed = undefined
    if (this.#state !== undefined && this.#state !== 'lost') {
      events.changed()
      return
    }
    const attempt = ++this.#attempt
    this.#state = 'called'
    try {
      const { codec } = media.edge
      const leg = await DeskLeg.ring({ callId, address, caller, codec, phones, deps, changed: events.changed })
      if (this.#attempt !== attempt) {
        await leg.close()
        return
      }
      this.#leg = leg
      leg.edge.onState(state => this.#phoneState(leg, state))
      this.#ringing = setTimeout(() => this.#notReached(leg, agent, 'no-answer'), this.#o.ringMs ?? RING_MS)
      leg.answered.then(
        line => this.#answered(leg, line),
        error => this.#notReached(leg, agent, error instanceof CallFailed ? error.kind : 'failed'),
      )
      events.changed()
    } catch (error) {
      if (this.#attempt === attempt) this.close()
      throw error
    }
  }

  /** The page is to speak. A phone that is talked on stays until the page's microphone is heard. */
  byBrowser(): void {
    this.#by = 'browser'
    this.#failed = undefined
    const wasLost = this.#state === 'lost'
    if (this.#state !== 'talking') this.close()
    if (wasLost) this.#o.events.browserSpeaks()
    else this.#o.events.changed()
  }

  /** The microphone of the page is heard while a phone carries the voice. */
  browserHeard(): void {
    if (this.#by !== 'browser' || this.#leg === undefined) return
    this.close()
    this.#o.events.browserSpeaks()
  }

  /** Leaves the phone: it stops ringing, or is hung up. The page is next. Idempotent. */
  close(): void {
    this.#attempt++
    this.#by = 'browser'
    this.#drop(undefined)
  }

  #answered(leg: DeskLeg, line: CallLeg): void {
    if (this.#leg !== leg) return
    clearTimeout(this.#ringing)
    this.#state = 'talking'
    this.#o.media()?.speakBy(leg.edge)
    line.onInfoDigit(digit => this.#o.events.phoneKey(digit))
    line.gone.addEventListener('abort', () => this.#gone(leg, line), { once: true })
    this.#o.events.phoneAnswered()
    if (line.gone.aborted) this.#gone(leg, line)
  }

  #gone(leg: DeskLeg, line: CallLeg): void {
    if (this.#leg !== leg) return
    const { by } = line.gone.reason as LegGone
    const wasWanted = this.#by === 'phone'
    this.#drop('lost')
    if (!wasWanted) this.#state = undefined
    if (by === 'peer' && wasWanted) this.#o.events.phoneHungUp()
    else if (wasWanted) this.#o.events.phoneLost()
    else this.#o.events.browserSpeaks()
  }

  #notReached(leg: DeskLeg, agent: UserId, why: DialFailure): void {
    if (this.#leg !== leg) return
    this.close()
    this.#failed = { agent, why }
    this.#o.deps.logger.info({ callId: this.#o.callId, why }, "the agent's phone was not reached")
    this.#o.events.phoneFailed(why)
  }

  #drop(state: AgentVoiceView['phone']): void {
    clearTimeout(this.#ringing)
    const leg = this.#leg
    this.#leg = undefined
    this.#state = state
    if (leg === undefined) return
    this.#o.media()?.speakBy(undefined)
    leg.close().catch(error => this.#o.deps.events.fault('desk phone', error))
  }

  #phoneState(leg: DeskLeg, state: VoiceState): void {
    if (this.#leg !== leg || this.#state !== 'talking') return
    if (state.kind === 'dtmf' && state.phase === 'begin') this.#o.events.phoneKey(state.digit)
    if ((state.kind === 'held' || state.kind === 'retrieved') && state.by === 'peer')
      this.#o.events.phoneHolds(state.kind === 'held')
    if (state.kind === 'lost' || state.kind === 'found') this.#o.events.changed()
  }
}
