import { AppError } from '../../signaling/protocol/errors.ts'
import type { Transfer, TransferFailure, TransferWay } from '../../signaling/protocol/voice.ts'
import { CallFailed, type CallLeg, LegGoneError, ReferRefused } from '../../signaling/sip/call-leg.ts'
import type { DialPlace } from '../dialling/dial-policy.ts'
import type { Logger } from '../logger.ts'
import type { CallLog } from './call-log.ts'
import type { DialProgress } from './dialled-leg.ts'
import type { OurHold } from './our-hold.ts'
import type { AskedLine, TransferBridge } from './transfer-bridge.ts'
import { canBeBridged, transferFailure } from './transfer-refusal.ts'

/** Who carries transfers out: the far end, and where it cannot, we; the far end or nobody; always we. */
export type TransferMode = 'auto' | 'refer' | 'bridge'

export type TransferAsked =
  | { readonly kind: 'blind'; readonly to: string }
  | { readonly kind: 'attended'; readonly to: string; readonly asked: AskedLine }

type CallTransferOptions = {
  readonly leg: Pick<CallLeg, 'refer' | 'gone'>
  readonly hold: OurHold
  readonly mode: TransferMode
  readonly bridge: Pick<TransferBridge, 'isOpen' | 'reserve' | 'call' | 'connect' | 'giveUp'>
  readonly log: Pick<CallLog, 'write'>
  readonly logger: Logger
  readonly changed: () => void
  readonly told: (kind: Transfer['kind'], way: TransferWay, result: 'done' | TransferFailure) => void
  /** The caller is with somebody else now: the call ends here. */
  readonly done: () => void
  /** The far end hung up, and not because of the transfer. */
  readonly notDone: () => void
}

/**
 * Sending the caller on to somebody else: by REFER (RFC 3515; attended with Replaces, RFC 3891), and where the far end cannot
 * do that, by a pair of lines of ours. One at a time.
 */
export class CallTransfer {
  readonly #o: CallTransferOptions
  #view: Transfer | undefined

  constructor(o: CallTransferOptions) {
    this.#o = o
  }

  /** The one under way, or the last one that failed. */
  get view(): Transfer | undefined {
    return this.#view
  }

  get underWay(): boolean {
    return this.#view !== undefined && this.#view.state !== 'failed'
  }

  /**
   * Holds the caller and asks the far end; how it goes on stands in `view`. A failed blind transfer takes the caller back.
   * @throws AppError `conflict` while another is under way; where we carry it out ourselves also `forbidden`, `too-many`,
   * `unavailable` for the call to whom it goes
   */
  start(transfer: TransferAsked): void {
    if (this.underWay) throw new AppError('conflict', 'a transfer is under way')
    const { kind, to } = transfer
    const way: TransferWay = this.#o.mode === 'bridge' ? 'bridge' : 'refer'
    const place = way === 'bridge' && kind === 'blind' ? this.#o.bridge.reserve(to) : undefined
    this.#set({ kind, to, way, state: 'asked' })
    this.#o.log.write({ type: 'transfer.asked', kind, to })
    void this.#run(transfer, place)
  }

  /** The agent wants the caller back while we are calling the other one. False when there is nothing to give up. */
  giveUp(): boolean {
    return this.#o.bridge.giveUp()
  }

  async #run(transfer: TransferAsked, place: DialPlace | undefined): Promise<void> {
    const { hold, leg, log, logger, told, done, notDone } = this.#o
    const { kind } = transfer
    try {
      // The caller hears music while it is tried. A far end that refuses the hold may transfer all the same.
      await hold.hold()
      const way = await this.#carryOut(transfer, place)
      log.write({ type: 'transfer.done', way })
      told(kind, way, 'done')
      done()
    } catch (error) {
      place?.release()
      if (error instanceof LegGoneError || leg.gone.aborted) {
        notDone()
        return
      }
      if (!(error instanceof ReferRefused) && !(error instanceof CallFailed))
        logger.warn({ err: error }, 'a transfer failed')
      const failure = transferFailure(error)
      log.write({ type: 'transfer.failed', failure })
      told(kind, this.#view?.way ?? 'refer', failure)
      if (this.#view) this.#set({ ...this.#view, state: 'failed', failure })
      if (kind === 'blind') await hold.retrieve().catch(() => {})
    }
  }

  async #carryOut(transfer: TransferAsked, reserved: DialPlace | undefined): Promise<TransferWay> {
    let place = reserved
    if (this.#o.mode !== 'bridge') {
      try {
        const target = transfer.kind === 'blind' ? { to: transfer.to } : { leg: transfer.asked.leg }
        await this.#o.leg.refer(target, ({ status }) => this.#progress(status >= 180 ? 'ringing' : 'trying', status))
        return 'refer'
      } catch (error) {
        const goesOn = this.#placeAfter(error, transfer)
        if (goesOn === undefined) throw error
        place = goesOn.place
      }
    }
    await this.#bridge(transfer, place)
    return 'bridge'
  }

  /** Whether it is carried out here after the far end could not; with a place for the call, where one is needed. */
  #placeAfter(error: unknown, transfer: TransferAsked): { readonly place: DialPlace | undefined } | undefined {
    const { mode, bridge, leg, logger } = this.#o
    if (mode === 'refer' || leg.gone.aborted || !bridge.isOpen) return undefined
    if (!(error instanceof ReferRefused) || !canBeBridged(error, transfer.kind)) return undefined
    if (transfer.kind === 'attended') return transfer.asked.leg.gone.aborted ? undefined : { place: undefined }
    try {
      return { place: bridge.reserve(transfer.to) }
    } catch (refused) {
      // A number that may not be called from here, or too many calls: it stays at what the far end said.
      logger.info({ err: refused, status: error.status }, 'a refused transfer may not be carried out here')
      return undefined
    }
  }

  async #bridge(transfer: TransferAsked, place: DialPlace | undefined): Promise<void> {
    const { bridge, log } = this.#o
    log.write({ type: 'transfer.bridging' })
    if (this.#view) this.#set({ ...this.#view, way: 'bridge', state: 'trying' })
    if (transfer.kind === 'attended') await bridge.connect(transfer.asked)
    else if (place) await bridge.call(transfer.to, place, state => this.#calling(state))
  }

  #calling(state: DialProgress): void {
    this.#progress(state === 'trying' ? 'trying' : 'ringing')
  }

  #progress(state: 'trying' | 'ringing', status = 100): void {
    if (!this.#view || this.#view.state === 'failed' || status >= 200) return
    if (this.#view.state !== state) this.#set({ ...this.#view, state })
  }

  #set(view: Transfer): void {
    this.#view = view
    this.#o.changed()
  }
}
