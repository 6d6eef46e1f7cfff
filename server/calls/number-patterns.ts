/** A pattern is a number in which `?` stands for one digit and `*` at its end for any rest. SIP addresses match as a whole or by `*`. */
const PATTERN = /^[+0-9#?@a-z.:_-]*\*?$/i

/** An operator's list of numbers that may be called or transferred to. An empty list allows nothing. */
export class NumberPatterns {
  readonly #allowed: readonly RegExp[]

  /** @throws RangeError for what is no pattern */
  constructor(patterns: readonly string[]) {
    this.#allowed = patterns.map(pattern => {
      if (!NumberPatterns.are([pattern])) throw new RangeError(`not a pattern of numbers: ${pattern}`)
      const source = pattern.replace(/\*$/, '').replaceAll(/[+.-]/g, '\\$&').replaceAll('?', '[0-9]')
      return new RegExp(`^${source}${pattern.endsWith('*') ? '.*' : ''}$`, 'i')
    })
  }

  static are(patterns: readonly string[]): boolean {
    return patterns.every(pattern => pattern !== '' && PATTERN.test(pattern))
  }

  allows(to: string): boolean {
    return this.#allowed.some(pattern => pattern.test(to))
  }
}
