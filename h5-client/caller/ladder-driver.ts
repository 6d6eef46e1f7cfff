import type { NetworkMeasure, Rung } from '../../signaling/protocol/phone.ts'
import { idle, type LadderState, measure, prefer, type Reason, startLadder, still } from './ladder.ts'
import type { StillSent } from './slow-scan.ts'
import type { UplinkStats } from './uplink-stats.ts'

const MEASURE_EVERY_MS = 1_000
/** The server hears of measurements this often; it also shows that the socket lives. */
const TELL_EVERY_MS = 3_000
/** Without a byte from the server for so long the path is broken, whatever its state says. */
const NO_PROGRESS_MS = 2_500
/** Without video only ICE's own checks come back. */
const NO_CHECK_MS = 9_000

export type LadderDriverOptions = {
  /** False while no picture is to be sent. */
  readonly isNeeded: () => boolean
  readonly isConnected: () => boolean
  readonly stats: () => Promise<UplinkStats>
  readonly onRung: (rung: Rung) => void
  readonly onStats: (stats: UplinkStats, rung: Rung) => void
  /** The path is said to stand, and nothing comes back on it. */
  readonly onNoProgress: () => void
  readonly tellRung: (rung: Rung, because: Reason, network: NetworkMeasure) => void
  readonly tellMeasured: (network: NetworkMeasure) => void
}

/** Measures once a second and moves on the ladder (ladder.ts). */
export class LadderDriver {
  readonly #o: LadderDriverOptions
  readonly #timer: ReturnType<typeof setInterval>
  readonly #startedMs = performance.now()
  #state: LadderState = startLadder(this.#startedMs)
  #measuring = false
  #toldAtMs = 0
  #bytesReceived: number | undefined
  #progressAtMs = performance.now()
  #closed = false

  constructor(options: LadderDriverOptions) {
    this.#o = options
    this.#timer = setInterval(() => void this.#measure(), MEASURE_EVERY_MS)
  }

  get rung(): Rung {
    return this.#state.rung
  }
  get roundTripMs(): number | undefined {
    return this.#state.network.roundTripMs
  }

  /** The path has changed: no need to wait for the next second. */
  now(): void {
    void this.#measure()
  }

  prefer(rung: Rung | 'auto'): void {
    this.#become(prefer(this.#state, rung, performance.now()))
  }

  stillSent(sent: StillSent): void {
    this.#become(still(this.#state, sent, performance.now()))
  }

  /** The server may remember the rung of the page before a reload. What it knows already is no news to it. */
  tellAgain(): void {
    this.#tellRung()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
  }

  async #measure(): Promise<void> {
    if (this.#measuring) return
    if (!this.#o.isNeeded()) {
      this.#state = idle(this.#state)
      this.#progressAtMs = performance.now()
      return
    }
    this.#measuring = true
    const stats = await this.#o.stats().catch((): UplinkStats => ({}))
    this.#measuring = false
    if (this.#closed || !this.#o.isNeeded()) return
    const nowMs = performance.now()
    const connected = this.#o.isConnected() && this.#progresses(stats, nowMs)
    this.#become(measure(this.#state, { ...stats, atMs: nowMs, connected }))
    this.#o.onStats(stats, this.#state.rung)
    if (nowMs - this.#toldAtMs >= TELL_EVERY_MS) {
      this.#toldAtMs = nowMs
      this.#o.tellMeasured(rounded(this.#state.network))
    }
  }

  #progresses({ bytesReceived }: UplinkStats, nowMs: number): boolean {
    const stands = bytesReceived !== undefined && bytesReceived === this.#bytesReceived && this.#o.isConnected()
    this.#bytesReceived = bytesReceived
    if (!stands) {
      this.#progressAtMs = nowMs
      return true
    }
    const limitMs = this.#state.rung === 'live' ? NO_PROGRESS_MS : NO_CHECK_MS
    if (nowMs - this.#progressAtMs < limitMs) return true
    this.#o.onNoProgress()
    return false
  }

  #become(next: LadderState): void {
    const before = this.#state
    this.#state = next
    if (next.rung === before.rung || this.#closed) return
    this.#o.onRung(next.rung)
    this.#tellRung()
    this.#toldAtMs = performance.now()
  }

  #tellRung(): void {
    const { rung, because, decidedBy, sinceMs } = this.#state
    // A page that begins anew begins with video, whatever the one before it had come to.
    this.#o.tellRung(rung, sinceMs === this.#startedMs ? 'recovered' : because, rounded(decidedBy))
  }
}

/** Nobody reads fractions of these. */
function rounded({ kbps, lossPercent, roundTripMs }: NetworkMeasure): NetworkMeasure {
  return {
    ...(kbps !== undefined && { kbps: Math.round(kbps) }),
    ...(lossPercent !== undefined && { lossPercent: Math.min(100, Math.round(lossPercent)) }),
    ...(roundTripMs !== undefined && { roundTripMs: Math.round(roundTripMs) }),
  }
}
