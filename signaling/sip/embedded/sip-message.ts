import { canonicalName, headerKey } from './header-names.ts'
import { splitOutsideQuotes } from './name-addr.ts'

/** One header line. `value` may still contain folding (CRLF + blank); `key` is the lower-case long name. */
export type SipHeader = { readonly key: string; readonly name: string; readonly value: string }

export type CSeq = { readonly number: number; readonly method: string }

/** The transport may hand over a peer's text; headers keep their order, spelling and repetition (drachtio passes them on). */
abstract class SipMessageBase {
  readonly headers: SipHeader[]
  body: Buffer

  constructor(headers: readonly SipHeader[], body: Buffer) {
    this.headers = [...headers]
    this.body = body
  }

  /** First value of a header, unfolded; `key` is the lower-case long name. */
  get(key: string): string | undefined {
    const found = this.headers.find(header => header.key === key)
    return found === undefined ? undefined : unfold(found.value)
  }

  has(key: string): boolean {
    return this.headers.some(header => header.key === key)
  }

  /** All values of a comma-separated header over all its lines, in order. */
  list(key: string): string[] {
    return this.headers
      .filter(header => header.key === key)
      .flatMap(header => splitOutsideQuotes(unfold(header.value), ','))
      .map(value => value.trim())
      .filter(value => value !== '')
  }

  /** Adds at the end; the name is written canonically. */
  add(name: string, value: string): this {
    this.headers.push({ key: headerKey(name), name: canonicalName(name), value })
    return this
  }

  prepend(name: string, value: string): this {
    this.headers.unshift({ key: headerKey(name), name: canonicalName(name), value })
    return this
  }

  /** Replaces the first header of that name in place and drops further ones; adds it if missing. */
  set(name: string, value: string): this {
    const key = headerKey(name)
    const index = this.headers.findIndex(header => header.key === key)
    if (index === -1) return this.add(name, value)
    const typed = this.headers[index]?.name ?? name
    this.remove(key)
    this.headers.splice(index, 0, { key, name: typed, value })
    return this
  }

  remove(key: string): this {
    for (let index = this.headers.length - 1; index >= 0; index--) {
      if (this.headers[index]?.key === key) this.headers.splice(index, 1)
    }
    return this
  }

  /** True if an option tag such as `100rel` is in a comma-separated header. */
  lists(key: string, optionTag: string): boolean {
    return this.list(key).some(value => value.toLowerCase() === optionTag)
  }

  get callId(): string {
    return this.get('call-id') ?? ''
  }

  get cseq(): CSeq {
    return parseCSeq(this.get('cseq') ?? '') ?? { number: 0, method: '' }
  }

  /** The message as it goes over the wire; Content-Length is computed here, in bytes, whatever the headers said. */
  toBuffer(): Buffer {
    let head = `${this.startLine}\r\n`
    let written = false
    for (const header of this.headers) {
      if (header.key === 'content-length') {
        if (written) continue
        written = true
        head += `${header.name}: ${this.body.length}\r\n`
      } else {
        head += `${header.name}: ${header.value}\r\n`
      }
    }
    if (!written) head += `Content-Length: ${this.body.length}\r\n`
    return Buffer.concat([Buffer.from(`${head}\r\n`, 'utf8'), this.body])
  }

  abstract get startLine(): string
}

export class SipRequest extends SipMessageBase {
  readonly kind = 'request'
  readonly method: string
  uri: string

  constructor(method: string, uri: string, headers: readonly SipHeader[] = [], body: Buffer = Buffer.alloc(0)) {
    super(headers, body)
    this.method = method
    this.uri = uri
  }

  get startLine(): string {
    return `${this.method} ${this.uri} SIP/2.0`
  }

  clone(): SipRequest {
    return new SipRequest(this.method, this.uri, this.headers, this.body)
  }
}

export class SipResponse extends SipMessageBase {
  readonly kind = 'response'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, headers: readonly SipHeader[] = [], body: Buffer = Buffer.alloc(0)) {
    super(headers, body)
    this.status = status
    this.reason = reason
  }

  get startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`
  }

  clone(): SipResponse {
    return new SipResponse(this.status, this.reason, this.headers, this.body)
  }
}

export type SipMessage = SipRequest | SipResponse

/** Joins folded lines (RFC 3261 section 7.3.1). */
export function unfold(value: string): string {
  return /[\r\n]/.test(value) ? value.replace(/\s*\r?\n\s+/g, ' ').trim() : value
}

/** `4711 INVITE`; undefined unless a number below 2^31 and a method. */
export function parseCSeq(value: string): CSeq | undefined {
  const match = /^\s*(\d{1,10})\s+(\S+)\s*$/.exec(value)
  if (match === null) return undefined
  const number = Number(match[1])
  return number < 2 ** 31 ? { number, method: match[2] ?? '' } : undefined
}
