import type { MarkId } from '../../../signaling/protocol/ids.ts'

/** Reply and entries travel separately; a confirmed mark is drawn from here a little longer, so that it never blinks. */
const LINGER_MS = 400

type Told = {
  readonly setTimer: (run: () => void, delayMs: number) => () => void
  /** Everything of it has been answered: from here on the journal speaks for it. */
  readonly onConfirmed: (id: MarkId) => void
  /** Told once for each id: what follows of it is the same story. */
  readonly onRefused: (id: MarkId, error: unknown) => void
}

/** What is shown here before the server has said yes to all of it: marks and erasures, by their ids. */
export class Confirmations {
  readonly #told: Told
  /** Requests without a reply yet. */
  readonly #underWay = new Map<MarkId, number>()
  readonly #finished = new Set<MarkId>()
  readonly #lingering = new Set<() => void>()

  constructor(told: Told) {
    this.#told = told
  }

  sent(id: MarkId, reply: Promise<unknown>): void {
    this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + 1)
    reply.then(
      () => this.#replied(id),
      (error: unknown) => this.#refused(id, error),
    )
  }

  /** Nothing more will be sent of it. */
  finish(id: MarkId): void {
    this.#finished.add(id)
    this.#settle(id)
  }

  forget(): void {
    this.#underWay.clear()
    this.#finished.clear()
    for (const cancel of this.#lingering) cancel()
    this.#lingering.clear()
  }

  #replied(id: MarkId): void {
    const left = this.#underWay.get(id)
    if (left === undefined) return
    this.#underWay.set(id, left - 1)
    this.#settle(id)
  }

  #settle(id: MarkId): void {
    if (!this.#finished.has(id) || this.#underWay.get(id) !== 0) return
    this.#underWay.delete(id)
    this.#finished.delete(id)
    const cancel = this.#told.setTimer(() => {
      this.#lingering.delete(cancel)
      this.#told.onConfirmed(id)
    }, LINGER_MS)
    this.#lingering.add(cancel)
  }

  #refused(id: MarkId, error: unknown): void {
    this.#finished.delete(id)
    if (this.#underWay.delete(id)) this.#told.onRefused(id, error)
  }
}
