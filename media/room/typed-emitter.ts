type Listener<A extends readonly unknown[]> = (...args: A) => void
type Listeners<E extends Record<string, readonly unknown[]>> = { [N in keyof E]?: Listener<E[N]>[] }

/** Events whose argument tuples are their signatures. A listener that throws hurts no other listener. */
export class TypedEmitter<E extends Record<string, readonly unknown[]>> {
  readonly #listeners: Listeners<E> = {}
  readonly #onListenerError: (event: keyof E, error: unknown) => void

  constructor(onListenerError: (event: keyof E, error: unknown) => void) {
    this.#onListenerError = onListenerError
  }

  /** Returns the function that takes the listener off again. */
  on<N extends keyof E>(event: N, listener: Listener<E[N]>): () => void {
    // A new array each time, so that an emit in progress is not disturbed.
    this.#listeners[event] = [...(this.#listeners[event] ?? []), listener]
    return () => {
      this.#listeners[event] = (this.#listeners[event] ?? []).filter(one => one !== listener)
    }
  }

  emit<N extends keyof E>(event: N, ...args: E[N]): void {
    const listeners = this.#listeners[event]
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        listener(...args)
      } catch (error) {
        this.#onListenerError(event, error)
      }
    }
  }

  clear(): void {
    for (const event of Object.keys(this.#listeners)) delete this.#listeners[event]
  }
}
