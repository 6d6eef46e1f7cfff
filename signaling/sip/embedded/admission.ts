import type { EventLoopWatch } from './event-loop-watch.ts'
import { knownScanners, looksLikeScanner } from './scanner-names.ts'
import type { SipLogger } from './sip-logger.ts'
import type { SipRequest } from './sip-message.ts'
import { type Rate, TokenBuckets } from './token-buckets.ts'

export type AdmissionOptions = {
  /** Whose new requests are heard. Others get no answer at all, not even to what is malformed. Without it: everybody's. */
  readonly allow?: (address: string) => boolean
  /** Tools that look for open telephones, known by the name they give themselves. */
  readonly scanners?: {
    /** Default: `knownScanners`. */
    readonly names?: readonly string[]
    /** `reject` says 603, as drachtio-server does by default; `discard` says nothing. Default `discard`. */
    readonly action?: 'discard' | 'reject'
  }
  /** New requests of one address beyond this are dropped. */
  readonly perSource?: Rate
  /** Calls beyond these limits get 503 with Retry-After before an application hears of them. */
  readonly overload?: {
    readonly callsPerSecond?: number | undefined
    readonly concurrentCalls?: number | undefined
    /** How late the event loop may run (99 of 100 timers in half a second). */
    readonly eventLoopLagMs?: number | undefined
    /** Default 5. */
    readonly retryAfterSeconds?: number
  }
}

export type AdmissionCounts = {
  /** Dropped: the address is not one that may call. */
  strangers: number
  /** Dropped or rejected: the name is that of a scanner. */
  scanners: number
  /** Dropped: too many from one address. */
  tooFast: number
  /** Answered 503: too many calls, or too little time. */
  overload: number
}

export type Verdict =
  | { readonly kind: 'admit' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'refuse'; readonly status: 503 | 603; readonly retryAfterSeconds?: number }

const admitted: Verdict = { kind: 'admit' }
const dropped: Verdict = { kind: 'drop' }
const defaultRetryAfterSeconds = 5
const logEveryMs = 60_000

/** Decides at the very edge, before a transaction or a 100, whether a new request is heard. */
export class Admission {
  readonly counts: AdmissionCounts = { strangers: 0, scanners: 0, tooFast: 0, overload: 0 }
  readonly #options: AdmissionOptions
  readonly #watch: EventLoopWatch | undefined
  readonly #liveCalls: () => number
  readonly #logger: SipLogger
  readonly #perSource: TokenBuckets | undefined
  readonly #calls: TokenBuckets | undefined
  readonly #loggedAtMs = new Map<keyof AdmissionCounts, number>()

  /** @param watch needed for `eventLoopLagMs`. */
  constructor(
    options: AdmissionOptions,
    watch: EventLoopWatch | undefined,
    liveCalls: () => number,
    logger: SipLogger,
  ) {
    this.#options = options
    this.#watch = watch
    this.#liveCalls = liveCalls
    this.#logger = logger
    const perSecond = options.overload?.callsPerSecond
    this.#perSource = options.perSource === undefined ? undefined : new TokenBuckets(options.perSource)
    this.#calls = perSecond === undefined ? undefined : new TokenBuckets({ perSecond, burst: Math.max(1, perSecond) })
  }

  /** False: what comes from this address, be it ever so malformed, gets no answer. Counts. */
  hears(address: string): boolean {
    if (this.#options.allow === undefined || this.#options.allow(address)) return true
    this.#count('strangers')
    return false
  }

  /** Judges a request that belongs to no dialog or transaction. */
  judge(request: SipRequest, address: string): Verdict {
    const { scanners } = this.#options
    if (!this.hears(address)) return dropped
    if (scanners !== undefined && looksLikeScanner(request, scanners.names ?? knownScanners)) {
      this.#count('scanners')
      return scanners.action === 'reject' ? { kind: 'refuse', status: 603 } : dropped
    }
    if (this.#perSource?.take(address) === false) {
      this.#count('tooFast')
      return dropped
    }
    return request.method === 'INVITE' && this.#overloaded() ? this.#tooMany() : admitted
  }

  #overloaded(): boolean {
    const { concurrentCalls, eventLoopLagMs } = this.#options.overload ?? {}
    if (concurrentCalls !== undefined && this.#liveCalls() >= concurrentCalls) return true
    if (eventLoopLagMs !== undefined && (this.#watch?.lagMs ?? 0) > eventLoopLagMs) return true
    return this.#calls?.take('') === false
  }

  #tooMany(): Verdict {
    this.#count('overload')
    const retryAfterSeconds = this.#options.overload?.retryAfterSeconds ?? defaultRetryAfterSeconds
    return { kind: 'refuse', status: 503, retryAfterSeconds }
  }

  /** A flood must not become a flood of log lines. */
  #count(why: keyof AdmissionCounts): void {
    this.counts[why]++
    const nowMs = performance.now()
    const lastMs = this.#loggedAtMs.get(why)
    if (lastMs !== undefined && nowMs - lastMs < logEveryMs) return
    this.#loggedAtMs.set(why, nowMs)
    this.#logger.warn({ why, count: this.counts[why] }, 'SIP: new requests are turned away')
  }
}
