/** A value that pages watch. The state itself is immutable; a change is a new object. */
export class Store<S> {
  readonly #listeners = new Set<() => void>()
  #state: S

  constructor(initial: S) {
    this.#state = initial
  }

  get(): S {
    return this.#state
  }

  /** Nobody is told when `change` gives the same object back. */
  update(change: (state: S) => S): void {
    const next = change(this.#state)
    if (Object.is(next, this.#state)) return
    this.#state = next
    for (const listener of [...this.#listeners]) listener()
  }

  /** Returns its own remover. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
