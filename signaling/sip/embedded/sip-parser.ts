import { headerKey, isToken } from './header-names.ts'
import { isWellFormedParty } from './name-addr.ts'
import { parseCSeq, type SipHeader, type SipMessage, SipRequest, SipResponse } from './sip-message.ts'
import { isUri } from './sip-uri.ts'
import { topVia } from './via.ts'

export const maxMessageBytes = 65_536
export const maxHeaders = 200

export type ParseFault =
  | 'too-large'
  | 'too-many-headers'
  | 'bad-start-line'
  | 'bad-uri'
  | 'bad-version'
  | 'bad-header'
  | 'bad-content-length'
  | 'truncated-body'
  | 'missing-header'
  | 'bad-party'
  | 'bad-via'
  | 'bad-cseq'

/** A refused message is handed out too where its start line could be read, so that a request can be answered 400. */
export type ParseResult =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly fault: ParseFault; readonly message: SipMessage | undefined }

/** What lies before the body of a message of the application; it needs none of the mandatory headers. */
export type LooseMessage = { readonly startLine: string; readonly headers: readonly SipHeader[]; readonly body: Buffer }

/** Reads one whole message from the network: text before the first blank line, then as many bytes as Content-Length says. */
export function parseSipMessage(bytes: Buffer): ParseResult {
  if (bytes.length > maxMessageBytes) return { ok: false, fault: 'too-large', message: undefined }
  const { head, rest } = splitHead(bytes)
  const lines = logicalLines(head)
  const start = parseStartLine(lines[0] ?? '')
  if (start === undefined) return { ok: false, fault: 'bad-start-line', message: undefined }
  const { headers, fault } = parseHeaderLines(lines.slice(1))
  const message =
    start.kind === 'request'
      ? new SipRequest(start.method, start.uri, headers, rest)
      : new SipResponse(start.status, start.reason, headers, rest)
  if (start.version !== '2.0') return { ok: false, fault: 'bad-version', message }
  if (fault !== undefined) return { ok: false, fault, message }
  const bodyFault = cutBody(message)
  if (bodyFault !== undefined) return { ok: false, fault: bodyFault, message }
  const missing = mandatoryFault(message)
  return missing === undefined ? { ok: true, message } : { ok: false, fault: missing, message }
}

/** Reads what the application wrote: header lines that are none are dropped, the body is whatever follows the blank line. */
export function parseLooseMessage(bytes: Buffer): LooseMessage {
  const { head, rest } = splitHead(bytes)
  const lines = logicalLines(head)
  const headers: SipHeader[] = []
  for (const line of lines.slice(1)) {
    const header = parseHeaderLine(line)
    if (header !== undefined) headers.push(header)
  }
  return { startLine: lines[0] ?? '', headers, body: rest }
}

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly version: string }

/** Undefined unless it is a request line with a token for a method or a status line with 100..699. */
export function parseStartLine(line: string): StartLine | undefined {
  const status = /^SIP\/(\d+\.\d+)\s+([1-6]\d\d)(?:[ \t]+(.*))?$/i.exec(line)
  if (status !== null) {
    return { kind: 'response', version: status[1] ?? '', status: Number(status[2]), reason: (status[3] ?? '').trim() }
  }
  const request = /^(\S+)[ \t]+(.+?)[ \t]+SIP\/(\d+\.\d+)[ \t]*$/i.exec(line)
  if (request === null || !isToken(request[1] ?? '')) return undefined
  return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', version: request[3] ?? '' }
}

function splitHead(bytes: Buffer): { head: string; rest: Buffer } {
  const crlf = bytes.indexOf('\r\n\r\n')
  const lf = bytes.indexOf('\n\n')
  if (crlf === -1 && lf === -1) return { head: bytes.toString('utf8'), rest: Buffer.alloc(0) }
  const useLf = crlf === -1 || (lf !== -1 && lf < crlf)
  const end = useLf ? lf : crlf
  return { head: bytes.toString('utf8', 0, end), rest: bytes.subarray(end + (useLf ? 2 : 4)) }
}

/** Lines with their folded continuations still attached. */
function logicalLines(head: string): string[] {
  return head
    .replace(/^(?:\r?\n)+/, '')
    .replace(/(\r?\n)+$/, '')
    .split(/\r?\n(?![ \t])/)
}

function parseHeaderLine(line: string): SipHeader | undefined {
  const colon = line.indexOf(':')
  if (colon <= 0) return undefined
  const name = line.slice(0, colon).trimEnd()
  if (!isToken(name)) return undefined
  return { key: headerKey(name), name, value: line.slice(colon + 1).trim() }
}

function parseHeaderLines(lines: readonly string[]): { headers: SipHeader[]; fault: ParseFault | undefined } {
  const headers: SipHeader[] = []
  let fault: ParseFault | undefined
  for (const line of lines) {
    if (headers.length === maxHeaders) return { headers, fault: 'too-many-headers' }
    const header = parseHeaderLine(line)
    if (header === undefined) fault = 'bad-header'
    else headers.push(header)
  }
  return { headers, fault }
}

function cutBody(message: SipMessage): ParseFault | undefined {
  const lengths = message.headers.filter(header => header.key === 'content-length').map(header => header.value)
  const first = lengths[0]
  if (first === undefined) return undefined
  if (!/^\d{1,9}$/.test(first) || lengths.some(length => length !== first)) return 'bad-content-length'
  const bytes = Number(first)
  if (bytes > message.body.length) return 'truncated-body'
  message.body = message.body.subarray(0, bytes)
  return undefined
}

function mandatoryFault(message: SipMessage): ParseFault | undefined {
  for (const key of ['via', 'from', 'to', 'call-id', 'cseq']) {
    if ((message.get(key) ?? '') === '') return 'missing-header'
  }
  for (const key of ['from', 'to', 'call-id', 'cseq']) {
    if (message.headers.filter(header => header.key === key).length > 1) return 'bad-header'
  }
  if (message.kind === 'request' && !hasWellFormedParties(message)) return 'bad-party'
  if (message.kind === 'request' && !isRequestUri(message.uri)) return 'bad-uri'
  if (topVia(message) === undefined) return 'bad-via'
  if (message.kind === 'request' && hasEmptyParts(message.get('via') ?? '')) return 'bad-via'
  const cseq = parseCSeq(message.get('cseq') ?? '')
  if (cseq === undefined) return 'bad-cseq'
  return message.kind === 'request' && cseq.method !== message.method ? 'bad-cseq' : undefined
}

/** A uri and nothing around it. Headers in it would be ours to obey, so they have no place in a request line (RFC 3261 19.1.1). */
function isRequestUri(uri: string): boolean {
  if (!isUri(uri)) return false
  return !/^sips?:/i.test(uri) || uri.indexOf('?', uri.lastIndexOf('@')) === -1
}

/** `;;` and `,,` in a Via leave open where one hop ends. */
function hasEmptyParts(via: string): boolean {
  return /[;,]\s*,|;\s*;/.test(via)
}

function hasWellFormedParties(request: SipMessage): boolean {
  const parties = [request.get('from') ?? '', request.get('to') ?? '', ...request.list('contact')]
  return parties.every(value => value === '*' || isWellFormedParty(value))
}
