import { AppError } from '../../signaling/protocol/errors.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import { NumberPatterns } from '../calls/number-patterns.ts'

const MINUTE_MS = 60_000

export type DialRules = {
  /** Patterns (see NumberPatterns) of what may be called; empty: nothing. */
  readonly allow: readonly string[]
  readonly maxCalls: number
  readonly maxCallsPerAgent: number
  readonly callsPerMinute: number
  readonly callsPerMinutePerAgent: number
}

/** A call out that is running, or about to: it counts until it is given back. Both are idempotent. */
export type DialPlace = {
  /** The agent has left it and it goes on: from here on it counts for the house alone. */
  leave(): void
  /** The call is over. */
  release(): void
}

/** Who may call which number, and how often: what keeps a stolen password from becoming a telephone bill. */
export class DialPolicy {
  readonly #rules: DialRules
  readonly #patterns: NumberPatterns
  readonly #nowMs: () => number
  readonly #running = new Map<UserId, number>()
  /** Running without the agent who began them. */
  #left = 0
  #begun: { readonly agent: UserId; readonly atMs: number }[] = []

  constructor(rules: DialRules, nowMs: () => number = () => performance.now()) {
    this.#rules = rules
    this.#patterns = new NumberPatterns(rules.allow)
    this.#nowMs = nowMs
  }

  /** Whether anything may be called at all. */
  get isOpen(): boolean {
    return this.#rules.allow.length > 0
  }

  /**
   * Takes a place for one call; give it back when the call is over.
   * @throws AppError `forbidden` for the number, `too-many` for the caps
   */
  begin(agent: UserId, to: string): DialPlace {
    if (!this.isOpen) throw new AppError('forbidden', 'calling out is switched off')
    if (!this.#patterns.allows(to)) throw new AppError('forbidden', 'this number may not be called')
    const nowMs = this.#nowMs()
    this.#begun = this.#begun.filter(({ atMs }) => nowMs - atMs < MINUTE_MS)
    const { maxCalls, maxCallsPerAgent, callsPerMinute, callsPerMinutePerAgent } = this.#rules
    const own = this.#running.get(agent) ?? 0
    const all = [...this.#running.values()].reduce((sum, count) => sum + count, this.#left)
    const ownBegun = this.#begun.filter(one => one.agent === agent).length
    if (own >= maxCallsPerAgent || all >= maxCalls) throw new AppError('too-many', 'too many calls at the same time')
    if (ownBegun >= callsPerMinutePerAgent || this.#begun.length >= callsPerMinute)
      throw new AppError('too-many', 'too many calls within a minute')
    this.#begun.push({ agent, atMs: nowMs })
    this.#running.set(agent, own + 1)
    let state: 'own' | 'left' | 'over' = 'own'
    return {
      leave: () => {
        if (state !== 'own') return
        state = 'left'
        this.#takeFrom(agent)
        this.#left++
      },
      release: () => {
        if (state === 'own') this.#takeFrom(agent)
        if (state === 'left') this.#left--
        state = 'over'
      },
    }
  }

  #takeFrom(agent: UserId): void {
    const left = (this.#running.get(agent) ?? 1) - 1
    if (left > 0) this.#running.set(agent, left)
    else this.#running.delete(agent)
  }
}
