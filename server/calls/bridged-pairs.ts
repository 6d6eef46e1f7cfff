import type { CallId } from '../../signaling/protocol/ids.ts'
import type { DialPlace } from '../dialling/dial-policy.ts'
import type { Logger } from '../logger.ts'
import { type BridgedLine, BridgedPair, type PairEnd } from './bridged-pair.ts'

type BridgedPairsOptions = {
  readonly voiceLostEndMs: number
  readonly limitMs: number
  readonly logger: Logger
  readonly events: {
    bridged(callId: CallId): void
    bridgeEnded(callId: CallId, why: PairEnd, lastedMs: number): void
  }
}

/** All pairs of this node. They have no agent and no record; what ends them is one of the two, a limit, or the end of the node. */
export class BridgedPairs {
  readonly #o: BridgedPairsOptions
  readonly #pairs = new Set<BridgedPair>()
  #emptied: (() => void) | undefined
  #closed = false

  constructor(o: BridgedPairsOptions) {
    this.#o = o
  }

  get size(): number {
    return this.#pairs.size
  }

  /** Both lines are the pair's from here on, and the places of the calls out among them, which come back at its end. */
  join(o: {
    callId: CallId
    caller: BridgedLine
    target: BridgedLine
    /** The agent has left: they count as the house's. */
    places: readonly DialPlace[]
  }): void {
    const { voiceLostEndMs, limitMs, logger, events } = this.#o
    const { callId, caller, target, places } = o
    for (const place of places) place.leave()
    const pair: BridgedPair = new BridgedPair({
      ...{ callId, caller, target, voiceLostEndMs, limitMs, logger },
      ended: (why, lastedMs) => {
        for (const place of places) place.release()
        this.#pairs.delete(pair)
        events.bridgeEnded(callId, why, lastedMs)
        if (this.#pairs.size === 0) this.#emptied?.()
      },
    })
    this.#pairs.add(pair)
    events.bridged(callId)
    if (this.#closed) void pair.end('server-stopped')
  }

  /** Resolves when no pair is left, or at the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#pairs.size === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, deadlineMs)
      this.#emptied = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends every pair. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#pairs].map(pair => pair.end('server-stopped')))
    this.#emptied?.()
  }
}
