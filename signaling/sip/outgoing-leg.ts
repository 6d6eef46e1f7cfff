import { hostOf } from './caller-number.ts'
import { DialogLeg } from './dialog-leg.ts'
import { LegDialog } from './leg-dialog.ts'
import type { LegLogger } from './leg-handlers.ts'
import { termsAsClient } from './session-timer.ts'
import type { SrfDialog, SrfReply } from './srf-facade.ts'

/** A call of ours that was answered. */
export class OutgoingLeg extends DialogLeg {
  readonly direction = 'out'
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  readonly sourceAddress: string
  readonly offerSdp = undefined
  readonly #domain: string

  constructor(o: {
    dialog: SrfDialog & { readonly res: SrfReply }
    from: string
    to: string
    domain: string
    logger: LegLogger
    onGone: (leg: DialogLeg) => void
  }) {
    super(o)
    const { dialog } = o
    this.from = o.from
    this.to = o.to
    this.sipCallId = dialog.sip.callId
    this.sourceAddress = dialog.res.source_address
    this.#domain = o.domain
    this.settled.resolve()
    this.dialog = new LegDialog({
      dialog,
      legId: this.id,
      logger: this.logger,
      handlers: this.handlers,
      events: { acked() {}, unanswered() {}, ended: gone => this.end(gone), lost: () => this.lost() },
      ownsCallId: true,
      terms: termsAsClient(dialog.res),
      answerExpected: false,
      ackExpected: false,
      allow: dialog.res.get('Allow'),
    })
  }

  ring(): void {}

  async answer(): Promise<void> {
    throw new Error('a call of ours is answered by the other side')
  }

  reject(): void {}

  controlLost(): void {
    this.dialog?.controlLost()
  }

  /** For the peer the numbers are where it is itself: behind the trunk. */
  protected referHost(): string {
    return hostOf(`sip:${this.#domain}`) ?? this.sourceAddress
  }
}
