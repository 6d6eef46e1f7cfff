import { nextLocalTimeMs } from '../../recordings/retention/calendar.ts'
import type { Retention } from './retention.ts'

/** Starts a run of the policy once a day, at the operator's time of day. */
export class DailyRun {
  readonly #retention: Retention
  readonly #onFault: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #nextAtMs: number | undefined

  constructor(o: { retention: Retention; onFault: (error: unknown) => void }) {
    this.#retention = o.retention
    this.#onFault = o.onFault
    this.#plan()
  }

  /** Undefined: runs are started by hand. */
  get nextAt(): string | undefined {
    return this.#nextAtMs === undefined ? undefined : new Date(this.#nextAtMs).toISOString()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#nextAtMs = undefined
  }

  #plan(): void {
    const { policy } = this.#retention
    if (policy?.runs.dailyAt === undefined) return
    this.#nextAtMs = nextLocalTimeMs(Date.now(), policy.runs.dailyAt, policy.timeZone)
    this.#timer = setTimeout(() => {
      this.#plan()
      this.#retention.run('daily', 'system').catch(error => this.#onFault(error))
    }, this.#nextAtMs - Date.now())
    this.#timer.unref()
  }
}
