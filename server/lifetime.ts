type Closable = { close(): unknown }

/** What was opened last is closed first; every closer runs even if one fails; a second close waits for the first. */
export class Lifetime {
  readonly #closers: { readonly name: string; readonly close: () => unknown }[] = []
  #closing: Promise<void> | undefined

  add<T extends Closable>(name: string, thing: T): T {
    this.#closers.push({ name, close: () => thing.close() })
    return thing
  }

  close(): Promise<void> {
    this.#closing ??= this.#run()
    return this.#closing
  }

  async #run(): Promise<void> {
    const errors: unknown[] = []
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await close()
      } catch (cause) {
        errors.push(new Error(`closing ${name} failed`, { cause }))
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything closed')
  }
}
