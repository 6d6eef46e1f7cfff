/** A retransmission asked for by NACK comes within a round trip; after this it will not come any more. */
const GIVE_UP_MS = 400
const MAX_MISSING = 200

/** Notices packets of one RTP stream that neither arrived nor were retransmitted in time. */
export class LossWatch {
  readonly #missing = new Map<number, number>()
  #highest: number | undefined
  #unrecovered = 0
  #reported = 0

  /** Packets given up so far. */
  get unrecovered(): number {
    return this.#unrecovered
  }

  /** @param sequence 16-bit RTP sequence number */
  packet(sequence: number, nowMs: number): void {
    const highest = this.#highest
    if (highest === undefined) {
      this.#highest = sequence
      return
    }
    const ahead = ((sequence - highest) << 16) >> 16
    if (ahead <= 0) {
      this.#missing.delete(sequence)
      return
    }
    this.#highest = sequence
    if (ahead - 1 + this.#missing.size > MAX_MISSING) {
      this.#unrecovered += this.#missing.size + ahead - 1
      this.#missing.clear()
      return
    }
    for (let i = 1; i < ahead; i++) this.#missing.set((highest + i) & 0xffff, nowMs)
  }

  /** True when packets were given up since the last call: the pictures that follow need a key frame. */
  takeLoss(nowMs: number): boolean {
    for (const [sequence, sinceMs] of this.#missing) {
      if (nowMs - sinceMs < GIVE_UP_MS) break
      this.#missing.delete(sequence)
      this.#unrecovered++
    }
    const lost = this.#unrecovered > this.#reported
    this.#reported = this.#unrecovered
    return lost
  }
}
