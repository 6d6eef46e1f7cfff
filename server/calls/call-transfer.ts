import { AppError } from '../../signaling/protocol/errors.ts'
import type { Transfer, TransferFailure } from '../../signaling/protocol/voice.ts'
import { failureOf } from '../../signaling/sip/call-failure.ts'
import { type CallLeg, LegGoneError, ReferRefused, type ReferTarget } from '../../signaling/sip/call-leg.ts'
import type { Logger } from '../logger.ts'
import type { CallLog } from './call-log.ts'
import type { OurHold } from './our-hold.ts'

type CallTransferOptions = {
  readonly leg: Pick<CallLeg, 'refer' | 'gone'>
  readonly hold: OurHold
  readonly log: Pick<CallLog, 'write'>
  readonly logger: Logger
  readonly changed: () => void
  /** The far end has taken the call elsewhere: it ends here. */
  readonly done: () => void
  /** The far end hung up, and not because of the transfer. */
  readonly notDone: () => void
}

/** Sending the caller on to somebody else (REFER, RFC 3515; attended with Replaces, RFC 3891). One at a time. */
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
   * @throws AppError `conflict` while another is under way
   */
  start(kind: Transfer['kind'], to: string, target: ReferTarget): void {
    if (this.underWay) throw new AppError('conflict', 'a transfer is under way')
    this.#set({ kind, to, state: 'asked' })
    this.#o.log.write({ type: 'transfer.asked', kind, to })
    void this.#run(kind, target)
  }

  async #run(kind: Transfer['kind'], target: ReferTarget): Promise<void> {
    const { hold, leg, log, logger } = this.#o
    try {
      // The caller hears music while it is tried. A far end that refuses the hold may transfer all the same.
      await hold.hold()
      await leg.refer(target, ({ status }) => this.#progress(status))
      log.write({ type: 'transfer.done' })
      this.#o.done()
    } catch (error) {
      if (error instanceof LegGoneError || leg.gone.aborted) {
        this.#o.notDone()
        return
      }
      if (!(error instanceof ReferRefused)) logger.warn({ err: error }, 'a transfer failed')
      const failure = transferFailure(error)
      log.write({ type: 'transfer.failed', failure })
      if (this.#view) this.#set({ ...this.#view, state: 'failed', failure })
      if (kind === 'blind') await hold.retrieve().catch(() => {})
    }
  }

  #progress(status: number): void {
    if (!this.#view || this.#view.state === 'failed' || status >= 200) return
    const state = status >= 180 ? 'ringing' : 'trying'
    if (this.#view.state !== state) this.#set({ ...this.#view, state })
  }

  #set(view: Transfer): void {
    this.#view = view
    this.#o.changed()
  }
}

/** Refused as a request: the far end cannot do it. Refused later: that is what became of its own call to the other. */
function transferFailure(error: unknown): TransferFailure {
  if (!(error instanceof ReferRefused)) return 'failed'
  if (error.stage === 'asked') return [403, 603].includes(error.status) ? 'not-allowed' : 'not-supported'
  return failureOf({ status: error.status, reasonHeader: undefined, madeUp: false }).kind
}
