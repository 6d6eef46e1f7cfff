import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { CallLeg, LegGone } from '../../signaling/sip/call-leg.ts'
import type { AnsweredCall } from './answered-call.ts'
import { lineGone } from './call-end.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { Consultation } from './consultation.ts'
import { NumberPatterns } from './number-patterns.ts'
import { type GivenLine, TransferBridge } from './transfer-bridge.ts'
import { VoiceControl } from './voice-control.ts'
import { VoicePresence } from './voice-presence.ts'

/** The voice of an answered call that we carry: who can be heard in it, and what the agent can do about it. */
export class LiveVoice {
  readonly presence: VoicePresence
  readonly control: VoiceControl
  readonly #answered: AnsweredCall
  #closed = false

  constructor(o: {
    callId: CallId
    agent: UserId
    leg: CallLeg
    media: CallMedia
    answered: AnsweredCall
    deps: CallDeps
    events: {
      changed(): void
      ended(end: CallEnd): void
      /** The caller's line, no longer the call's; undefined where the call is ending. */
      handOver(): GivenLine | undefined
    }
  }) {
    const { callId, agent, leg, media, answered, deps } = o
    const { log, capture } = answered
    const { changed, ended } = o.events
    const { voiceLostEndMs, transfer: transferMode, transferTo } = deps.rules
    this.#answered = answered
    this.presence = new VoicePresence({
      media,
      log,
      voiceLostEndMs,
      events: { changed, lostForGood: () => ended({ cause: 'media-lost', silentForMs: voiceLostEndMs }) },
    })
    this.control = new VoiceControl({
      edge: media.edge,
      leg,
      log,
      logger: deps.logger,
      mute: on => media.mute(on),
      held: () => this.#holdChanged(),
      keepsDigits: () => !capture.card.isClosed,
      changed,
      transferred: () => ended({ cause: 'transferred' }),
      notTransferred: () => ended(lineGone(leg.gone.reason as LegGone, true)),
      consultation: (hold, transfer) =>
        new Consultation({ callId, agent, callerLeg: leg, media, hold, transfer, log, deps, changed }),
      transferMode,
      transferTold: (kind, way, result) => deps.events.transferred(callId, kind, way, result),
      bridge: hold =>
        new TransferBridge({ callId, agent, callerLeg: leg, media, hold, deps, handOver: () => o.events.handOver() }),
      mayReach: to => new NumberPatterns(transferTo).allows(to),
    })
  }

  /** Whether the far end is taking the call elsewhere: then its hanging up is a matter of the transfer. */
  get isTransferring(): boolean {
    return this.control.transfer.underWay
  }

  /** A few times a second: notices that the agent is not heard any more. */
  tick(): void {
    if (!this.#closed) this.presence.tick()
  }

  agentHeard(): void {
    if (!this.#closed) this.presence.agentHeard()
  }

  caller(state: VoiceState): void {
    this.presence.caller(state)
    if (state.kind === 'held' || state.kind === 'retrieved') this.#holdChanged()
    if (state.kind === 'dtmf' && state.phase === 'begin') this.callerPressed(state.digit)
  }

  /** A key of the caller's telephone, by whatever way it came. */
  callerPressed(digit: string): void {
    if (!this.#closed) this.#answered.capture.key(digit)
  }

  /** With the call. */
  async close(): Promise<void> {
    this.#closed = true
    this.presence.close()
    await this.control.consultation.close()
  }

  /** Whoever holds, the picture stands still with the voice. */
  #holdChanged(): void {
    if (!this.#closed) this.#answered.hold(this.presence.held || this.control.hold.state !== 'none')
  }
}
