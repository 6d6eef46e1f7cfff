import { maxMessageBytes } from './sip-parser.ts'

export type StreamItem =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'ping' }
  | { readonly kind: 'broken'; readonly reason: string }

/**
 * Cuts a TCP stream into SIP messages by Content-Length (RFC 3261 18.3) and finds keep-alives (RFC 5626 3.5.1: a double CRLF
 * between messages). After `broken` the stream cannot be followed any more and must be closed.
 */
export class StreamFramer {
  #chunks: Buffer = Buffer.alloc(0)
  #searchedBytes = 0
  #broken = false

  /** True while a message has begun but not ended. */
  get pending(): boolean {
    const first = this.#chunks[0]
    return first !== undefined && first !== 13 && first !== 10
  }

  push(chunk: Buffer): StreamItem[] {
    if (this.#broken) return []
    this.#chunks = this.#chunks.length === 0 ? chunk : Buffer.concat([this.#chunks, chunk])
    const items: StreamItem[] = []
    for (;;) {
      const item = this.#next()
      if (item === undefined) return items
      items.push(item)
      if (item.kind === 'broken') {
        this.#broken = true
        this.#chunks = Buffer.alloc(0)
        return items
      }
    }
  }

  #next(): StreamItem | undefined {
    const skipped = this.#skipBlankLines()
    if (skipped !== undefined) return skipped
    if (this.#chunks.length === 0) return undefined
    const end = this.#chunks.indexOf('\r\n\r\n', Math.max(0, this.#searchedBytes - 3))
    if (end === -1) {
      this.#searchedBytes = this.#chunks.length
      return this.#chunks.length > maxMessageBytes ? { kind: 'broken', reason: 'headers too long' } : undefined
    }
    const length = contentLength(this.#chunks.toString('latin1', 0, end))
    if (length === undefined) return { kind: 'broken', reason: 'bad Content-Length' }
    const total = end + 4 + length
    if (total > maxMessageBytes) return { kind: 'broken', reason: 'message too long' }
    if (this.#chunks.length < total) return undefined
    const bytes = this.#chunks.subarray(0, total)
    this.#advance(total)
    return { kind: 'message', bytes }
  }

  #skipBlankLines(): StreamItem | undefined {
    let count = 0
    while (this.#chunks[count] === 13 || this.#chunks[count] === 10) count++
    if (count === 0) return undefined
    // A lone CRLF may be the first half of a keep-alive that TCP has cut in two: wait, unless something follows.
    if (count < 4 && count === this.#chunks.length) return undefined
    this.#advance(count)
    return count >= 4 ? { kind: 'ping' } : this.#next()
  }

  #advance(bytes: number): void {
    this.#chunks = this.#chunks.subarray(bytes)
    this.#searchedBytes = 0
  }
}

/** Bytes of body; 0 when the header is missing (RFC 3261 wants it on streams); undefined when it is no number. */
function contentLength(head: string): number | undefined {
  const match = /\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/i.exec(head)
  if (match === null) return 0
  const text = (match[1] ?? '').trim()
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
