import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { KEY_BYTES, SUITES, type SuiteName } from './suite.ts'

/** Master key and salt of one direction. It does not show itself: not in logs, not in JSON, not in an inspector. */
export class MasterKey {
  readonly suite: SuiteName
  readonly #bytes: Buffer

  private constructor(suite: SuiteName, bytes: Buffer) {
    this.suite = suite
    this.#bytes = bytes
  }

  static random(suite: SuiteName): MasterKey {
    return new MasterKey(suite, randomBytes(KEY_BYTES + SUITES[suite].saltBytes))
  }

  /** undefined when the text is not exactly key and salt of the suite. */
  static fromBase64(suite: SuiteName, text: string): MasterKey | undefined {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
    const bytes = Buffer.from(text, 'base64')
    return bytes.length === KEY_BYTES + SUITES[suite].saltBytes ? new MasterKey(suite, bytes) : undefined
  }

  get key(): Buffer {
    return this.#bytes.subarray(0, KEY_BYTES)
  }

  get salt(): Buffer {
    return this.#bytes.subarray(KEY_BYTES)
  }

  /** For the `inline:` of an SDP, and for nothing else. */
  toBase64(): string {
    return this.#bytes.toString('base64')
  }

  equals(other: MasterKey): boolean {
    return this.suite === other.suite && this.#bytes.equals(other.#bytes)
  }

  toJSON(): string {
    return '[key]'
  }

  [inspect.custom](): string {
    return '[key]'
  }
}
