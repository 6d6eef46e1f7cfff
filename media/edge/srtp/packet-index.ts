/** A window of packets that came lately: anything twice is a replay, anything older is not looked at (RFC 3711 section 3.3.2). */
const WINDOW = 128n
const ALL = (1n << WINDOW) - 1n

/** 48-bit (or for RTCP 31-bit) packet indices that were accepted from one source. */
export class ReplayWindow {
  #highest = -1
  #seen = 0n

  get highest(): number {
    return this.#highest
  }

  isNew(index: number): boolean {
    if (index > this.#highest) return true
    const age = this.#highest - index
    return age < Number(WINDOW) && ((this.#seen >> BigInt(age)) & 1n) === 0n
  }

  /** Only for packets that have proved authentic. */
  accept(index: number): void {
    const step = index - this.#highest
    if (step <= 0) {
      this.#seen |= 1n << BigInt(-step)
      return
    }
    this.#seen = step >= Number(WINDOW) ? 1n : ((this.#seen << BigInt(step)) & ALL) | 1n
    this.#highest = index
  }
}

const HALF = 0x8000
const ROUND = 0x1_0000

/** The index that a sequence number most probably has, given the highest one so far (RFC 3711 section 3.3.1, appendix A). */
export function guessIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence
  const round = Math.floor(highest / ROUND)
  const last = highest % ROUND
  let guess = round
  if (last < HALF) {
    if (sequence - last > HALF) guess = round - 1
  } else if (last - HALF > sequence) guess = round + 1
  return Math.max(0, guess) * ROUND + sequence
}
