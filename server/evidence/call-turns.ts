import type { CallId } from '../../signaling/protocol/ids.ts'

/** One thing at a time for each call; different calls do not wait for each other. */
export class CallTurns {
  readonly #last = new Map<CallId, Promise<unknown>>()

  take<T>(callId: CallId, run: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(callId) ?? Promise.resolve()).catch(() => {}).then(run)
    const kept = turn
      .catch(() => {})
      .finally(() => {
        if (this.#last.get(callId) === kept) this.#last.delete(callId)
      })
    this.#last.set(callId, kept)
    return turn
  }

  /** Resolves when nothing of what was taken so far is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }
}
