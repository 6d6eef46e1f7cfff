import { type LegGone, LegGoneError, type ReferProgress, ReferRefused } from './call-leg.ts'
import { ALLOWED_METHODS } from './invite-steps.ts'
import type { LegLogger } from './leg-handlers.ts'
import type { SrfDialog, SrfReply, SrfRequest, SrfResponse } from './srf-facade.ts'

/** From the 202 to the last NOTIFY: as long as a telephone may ring. */
const OUTCOME_LIMIT_MS = 120_000
/** A peer that tells nothing (RFC 4488, or a subscription that ended too early) hangs up soon, or not at all. */
const HANG_UP_LIMIT_MS = 5000
const ANSWER_LIMIT_MS = 40_000

type Running = {
  readonly outcome: PromiseWithResolvers<void>
  readonly onProgress: (progress: ReferProgress) => void
  accepted: boolean
  timer: NodeJS.Timeout
}

/** Transfers of one dialog: our REFER, and the NOTIFYs in which the peer tells what becomes of it (RFC 3515). */
export class ReferRequest {
  readonly #dialog: SrfDialog
  readonly #o: {
    readonly legId: string
    readonly logger: LegLogger
    /** The peer's last Allow; undefined when it sent none. */
    readonly allow: () => string | undefined
    readonly lost: () => void
  }
  #running: Running | undefined
  #gone: LegGone | undefined

  constructor(o: {
    dialog: SrfDialog
    legId: string
    logger: LegLogger
    allow: () => string | undefined
    lost: () => void
  }) {
    this.#dialog = o.dialog
    this.#o = o
    o.dialog.on('notify', (req: SrfRequest, res: SrfResponse) => this.#notified(req, res))
    // drachtio-srf would say 200, and then nothing would happen: nobody else directs our calls.
    o.dialog.on('refer', (_req: SrfRequest, res: SrfResponse) => this.#send(res, 405, { Allow: ALLOWED_METHODS }))
  }

  /**
   * @param referTo a SIP address, with its brackets
   * @throws ReferRefused, LegGoneError
   */
  ask(referTo: string, referredBy: string | undefined, onProgress: (progress: ReferProgress) => void): Promise<void> {
    if (this.#gone !== undefined) return Promise.reject(new LegGoneError(this.#gone))
    if (this.#running !== undefined) return Promise.reject(new ReferRefused(491, 'asked'))
    const allow = this.#o.allow()
    if (allow !== undefined && !/(^|[\s,])REFER($|[\s,])/i.test(allow))
      return Promise.reject(new ReferRefused(405, 'asked'))
    const running: Running = {
      outcome: Promise.withResolvers<void>(),
      onProgress,
      accepted: false,
      timer: setTimeout(() => this.#fail(new ReferRefused(408, 'asked')), ANSWER_LIMIT_MS),
    }
    this.#running = running
    const headers = { 'Refer-To': referTo, ...(referredBy !== undefined && { 'Referred-By': referredBy }) }
    try {
      this.#dialog.request({ method: 'REFER', headers }, (error, reply) => {
        if (error) this.#refused(error.code === 'ENODIALOG' ? 481 : 503)
        else if (reply !== undefined && reply.status >= 300) this.#refused(reply.status)
        else if (reply !== undefined && reply.status >= 200) this.#accepted(running, reply)
      })
    } catch {
      this.#refused(503)
    }
    return running.outcome.promise
  }

  /** A peer that hangs up after it took the REFER has left for the other call: that is how most transfers end. */
  close(gone: LegGone): void {
    this.#gone = gone
    if (this.#running?.accepted === true && gone.by === 'peer') this.#succeed()
    else this.#fail(new LegGoneError(gone))
  }

  controlLost(): void {
    if (this.#running?.accepted === false) this.#fail(new ReferRefused(503, 'asked'))
  }

  #accepted(running: Running, reply: SrfReply): void {
    if (this.#running !== running) return
    running.accepted = true
    const silent = /^\s*false/i.test(reply.get('Refer-Sub') ?? '')
    this.#limit(silent ? HANG_UP_LIMIT_MS : OUTCOME_LIMIT_MS, new ReferRefused(408, 'tried'))
  }

  #refused(status: number): void {
    this.#fail(new ReferRefused(status, 'asked'))
    if (status === 481) this.#o.lost()
  }

  #notified(req: SrfRequest, res: SrfResponse): void {
    const running = this.#running
    if (!/^\s*refer\b/i.test(req.get('Event') ?? '')) {
      this.#send(res, 489, { 'Allow-Events': 'refer' })
      return
    }
    // RFC 6665 section 4.1.3: there is no such subscription any more.
    this.#send(res, running === undefined ? 481 : 200)
    if (running === undefined) return
    const [, code, reason = ''] = /^\s*SIP\/2\.0\s+(\d{3})\s*([^\r\n]*)/i.exec(req.body ?? '') ?? []
    const status = Number(code ?? 0)
    // Some tell before they have said yes.
    running.accepted = true
    if (status >= 100) {
      const progress = { status, reason: reason.trim().slice(0, 80) }
      try {
        running.onProgress(progress)
      } catch (error) {
        this.#o.logger.warn({ legId: this.#o.legId, err: error }, 'a listener to a transfer failed')
      }
    }
    if (status >= 300) this.#fail(new ReferRefused(status, 'tried'))
    else if (status >= 200) this.#succeed()
    else if (/^\s*terminated/i.test(req.get('Subscription-State') ?? ''))
      this.#limit(HANG_UP_LIMIT_MS, new ReferRefused(status || 408, 'tried'))
  }

  #limit(ms: number, failure: ReferRefused): void {
    const running = this.#running
    if (running === undefined) return
    clearTimeout(running.timer)
    running.timer = setTimeout(() => this.#fail(failure), ms)
  }

  #succeed(): void {
    this.#over()?.outcome.resolve()
  }

  #fail(error: Error): void {
    this.#over()?.outcome.reject(error)
  }

  #over(): Running | undefined {
    const running = this.#running
    clearTimeout(running?.timer)
    this.#running = undefined
    return running
  }

  #send(res: SrfResponse, status: number, headers: Record<string, string> = {}): void {
    try {
      res.send(status, { headers })
    } catch (error) {
      this.#o.logger.warn({ legId: this.#o.legId, err: error }, 'a step of the phone leg failed')
    }
  }
}
