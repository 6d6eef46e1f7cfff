/** Whose pages may post and open WebSockets: our own, and those the operator names. */
export class Origins {
  readonly #allowed: () => readonly string[]

  /** @param allowed origins such as `https://help.example.com`, read at each check */
  constructor(allowed: () => readonly string[]) {
    this.#allowed = allowed
  }

  /** A browser always sends Origin with a POST and with a WebSocket; what sends none is not a page of ours. */
  isOurs(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return false
    if (this.#allowed().includes(origin)) return true
    try {
      return host !== undefined && new URL(origin).host === host
    } catch {
      return false
    }
  }
}
