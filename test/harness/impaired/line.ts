import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'

/** How much longer a reordered datagram takes than those around it. */
const OVERTAKEN_MS = 30

/**
 * One direction of the impaired network: a bottleneck with a queue, then a delay. Datagrams and TCP share it. It only
 * reckons; who asks carries the bytes.
 */
export class Line {
  readonly #chance: Chance
  readonly #kbps: () => number | undefined
  readonly #conditions: () => Conditions
  #freeAtMs = 0
  #lastArrivalMs = 0

  constructor(o: { chance: Chance; conditions: () => Conditions; kbps: () => number | undefined }) {
    this.#chance = o.chance
    this.#conditions = o.conditions
    this.#kbps = o.kbps
  }

  /** When a datagram sent now arrives, or undefined when it is lost (chance, or a full queue). */
  datagram(bytes: number, nowMs: number): number | undefined {
    const { lossPercent, reorderPercent } = this.#conditions()
    if (this.#chance.percent(lossPercent) || this.isFull(bytes, nowMs)) return undefined
    const arrivesMs = this.passed(bytes, nowMs)
    if (this.#chance.percent(reorderPercent)) return arrivesMs + OVERTAKEN_MS
    // Jitter alone does not change the order: it comes from queues.
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivesMs)
    return this.#lastArrivalMs
  }

  /** Whether the queue before the link has no room for so many bytes more. */
  isFull(bytes: number, nowMs: number): boolean {
    return this.#waitingBytes(nowMs) + bytes > this.#conditions().queueBytes
  }

  /** When bytes sent now arrive; they wait for the link but are never dropped. */
  passed(bytes: number, nowMs: number): number {
    const kbps = this.#kbps()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    const sentMs = kbps === undefined ? startMs : startMs + (bytes * 8) / kbps
    this.#freeAtMs = sentMs
    const { delayMs, jitterMs } = this.#conditions()
    return sentMs + delayMs + this.#chance.next() * jitterMs
  }

  /** Forgets what waited: the radio was off. */
  clear(): void {
    this.#freeAtMs = 0
    this.#lastArrivalMs = 0
  }

  #waitingBytes(nowMs: number): number {
    return (Math.max(0, this.#freeAtMs - nowMs) * (this.#kbps() ?? 0)) / 8
  }
}
