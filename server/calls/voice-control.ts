import { DtmfNotNegotiated } from '../../media/edge/dtmf-out.ts'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type {
  DialKey,
  Transfer,
  TransferFailure,
  TransferWay,
  VoiceControlView,
} from '../../signaling/protocol/voice.ts'
import { type CallLeg, InfoRefused, LegGoneError } from '../../signaling/sip/call-leg.ts'
import type { Logger } from '../logger.ts'
import type { CallLog } from './call-log.ts'
import { CallTransfer, type TransferMode } from './call-transfer.ts'
import type { Consultation } from './consultation.ts'
import { OurHold } from './our-hold.ts'
import type { TransferBridge } from './transfer-bridge.ts'

const KEY_MS = 160

export type VoiceControlOptions = {
  readonly edge: VoiceEdge
  readonly leg: CallLeg
  readonly log: CallLog
  readonly logger: Logger
  /** Nothing of the microphone goes out while it is off. */
  readonly mute: (on: boolean) => void
  readonly held: (on: boolean) => void
  /** Whether a digit may stand in the record: not behind the card shutter. */
  readonly keepsDigits: () => boolean
  readonly changed: () => void
  readonly transferred: () => void
  readonly notTransferred: () => void
  readonly consultation: (hold: OurHold, transfer: CallTransfer) => Consultation
  /** Who carries transfers out. */
  readonly transferMode: TransferMode
  readonly bridge: (hold: OurHold) => TransferBridge
  /** For the figures. */
  readonly transferTold: (kind: Transfer['kind'], way: TransferWay, result: 'done' | TransferFailure) => void
  /** Whom a call may be sent on to. */
  readonly mayReach: (to: string) => boolean
}

/** What the agent can do with the voice of an answered call. */
export class VoiceControl {
  readonly hold: OurHold
  readonly transfer: CallTransfer
  readonly consultation: Consultation
  readonly #o: VoiceControlOptions
  #muted = false
  #keys: Promise<unknown> = Promise.resolve()

  constructor(o: VoiceControlOptions) {
    this.#o = o
    const { edge, leg, log, logger, held, changed } = o
    this.hold = new OurHold({ edge, leg, log, logger, held, changed })
    this.transfer = new CallTransfer({
      ...{ leg, hold: this.hold, log, logger, mode: o.transferMode, told: o.transferTold },
      bridge: o.bridge(this.hold),
      changed: () => {
        changed()
        this.consultation?.transferChanged()
      },
      done: o.transferred,
      notDone: o.notTransferred,
    })
    this.consultation = o.consultation(this.hold, this.transfer)
  }

  get view(): VoiceControlView {
    const { view: transfer } = this.transfer
    return {
      hold: this.hold.state,
      muted: this.#muted,
      keys: this.#o.edge.canSendDtmf ? 'rtp' : 'info',
      ...(transfer && { transfer }),
      ...this.consultation.view,
    }
  }

  mute(on: boolean): void {
    if (this.#muted === on) return
    this.#muted = on
    this.#o.mute(on)
    this.#o.log.write({ type: 'voice.muted', on })
    this.#o.changed()
  }

  /**
   * Sends a key after those before it, to whomever the agent speaks with now: as RFC 4733 event, else by INFO.
   * @throws AppError `conflict` on hold, `unavailable` when the far end takes neither, `gone`
   */
  key(digit: DialKey): Promise<void> {
    const consulted = this.consultation.spokenWith
    if ((consulted?.hold ?? this.hold).state !== 'none')
      throw new AppError('conflict', 'take the call back from hold first')
    const { edge, leg } = consulted ?? this.#o
    // Of what is said with somebody consulted nothing is recorded, so neither is what was pressed.
    const facts = consulted && { to: 'consulted' as const }
    const sent = this.#keys.then(() => this.#send(digit, { edge, leg }, facts))
    this.#keys = sent.catch(() => {})
    return sent
  }

  /** @throws AppError `bad-request` for what is no number, `forbidden` for one that may not be reached, `conflict` */
  blindTransfer(to: string): void {
    this.transfer.start({ kind: 'blind', to: this.reachable(to) })
  }

  /**
   * Takes the caller back from hold, also from one of a transfer in which we are still calling the other one.
   * @throws AppError `unavailable` when the far end did not take it, `conflict` in a transfer that is the far end's
   */
  async takeBack(): Promise<void> {
    if (this.transfer.giveUp()) return
    if (this.transfer.underWay) throw new AppError('conflict', 'a transfer is under way')
    await this.hold.retrieve()
  }

  /** Calls somebody else while the caller waits. @throws AppError */
  consult(to: string): Promise<void> {
    return this.consultation.begin(target(to))
  }

  /** @throws AppError `bad-request`, `forbidden` */
  reachable(typed: string): string {
    const to = target(typed)
    if (!this.#o.mayReach(to)) throw new AppError('forbidden', 'calls to this number are not allowed here')
    return to
  }

  async #send(
    digit: DialKey,
    { edge, leg }: Pick<VoiceControlOptions, 'edge' | 'leg'>,
    consulted: { to: 'consulted' } | undefined,
  ): Promise<void> {
    let way: 'rtp' | 'info' = 'rtp'
    try {
      if (edge.canSendDtmf) await edge.sendDtmf(digit, KEY_MS)
      else {
        way = 'info'
        await leg.info(digit, KEY_MS)
      }
    } catch (error) {
      if (error instanceof LegGoneError) throw new AppError('gone', 'the call has ended')
      if (error instanceof InfoRefused || error instanceof DtmfNotNegotiated)
        throw new AppError('unavailable', 'the far end takes no keys')
      throw new AppError('unavailable', 'the key could not be sent now', { cause: error })
    }
    this.#o.log.write({ type: 'voice.key', way, ...(consulted ?? (this.#o.keepsDigits() && { digit })) })
  }
}

/** @throws AppError `bad-request` */
export function target(typed: string): string {
  const to = dialled(typed)
  if (to === undefined) throw new AppError('bad-request', 'this is no number and no SIP address')
  return to
}

/** A number without its separators, or a SIP or tel address as it is; undefined for anything else. */
export function dialled(typed: string): string | undefined {
  if (/^sips?:[^\s<>"]{1,110}$/i.test(typed)) return typed
  const number = typed.replace(/^tel:/i, '').replaceAll(/[\s().\-/]/g, '')
  return /^\+?[0-9*#]{2,32}$/.test(number) ? number : undefined
}
