import type { SrfDialog } from './srf-facade.ts'

/** After the first question, which is spread over this, so that a thousand dialogs do not ask at once. */
const SPREAD_MS = 500
/** As often as calls are worth: a call that the far end has ended meanwhile is noticed after half of this on average. */
const ASK_EVERY_MS = 20_000

/**
 * Whether a dialog has outlived its control connection. A SIP server that was started anew does not know it any more; one
 * that was not may give no request of the peer to us from now on (a drachtio-server answers them with 481, also a BYE). So
 * from the first reconnection on the dialog is asked for by OPTIONS, which any peer may answer as it likes: only "no such
 * dialog", by the server or by the peer, ends it. A peer that does not answer at all may be one that drops OPTIONS; whether
 * it is there then tells its voice.
 */
export class DialogSurvival {
  readonly #dialog: SrfDialog
  readonly #lost: () => void
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(o: { dialog: SrfDialog; lost: () => void }) {
    this.#dialog = o.dialog
    this.#lost = o.lost
  }

  controlBack(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), SPREAD_MS * Math.random())
    this.#timer.unref()
  }

  controlLost(): void {
    clearTimeout(this.#timer)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #ask(): void {
    this.#timer = setTimeout(() => this.#ask(), ASK_EVERY_MS)
    this.#timer.unref()
    try {
      this.#dialog.request({ method: 'OPTIONS', headers: { Accept: 'application/sdp' } }, (error, reply) => {
        if (this.#closed || (error?.code !== 'ENODIALOG' && reply?.status !== 481)) return
        this.close()
        this.#lost()
      })
    } catch {
      // No control connection again: the next one asks anew.
    }
  }
}
