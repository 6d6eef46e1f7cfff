import { randomBytes } from 'node:crypto'

/**
 * A SIP message as the simulated phone sees it: start line, headers in order, body. Written apart from the server's own
 * SIP code on purpose: a mistake made there must not be made here too.
 */
export type SipText = {
  readonly start: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

const COMPACT: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  k: 'supported',
  e: 'content-encoding',
  s: 'subject',
}

export function parseSip(text: string): SipText | undefined {
  const split = text.indexOf('\r\n\r\n')
  if (split < 0) return undefined
  const [start, ...lines] = text
    .slice(0, split)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  if (!start || !/^SIP\/2\.0 \d{3}|SIP\/2\.0$/.test(start)) return undefined
  const headers = lines.flatMap(line => {
    const colon = line.indexOf(':')
    if (colon < 1) return []
    const name = line.slice(0, colon).trim().toLowerCase()
    return [[COMPACT[name] ?? name, line.slice(colon + 1).trim()] as const]
  })
  return { start, headers, body: text.slice(split + 4) }
}

export function writeSip({ start, headers, body }: SipText): string {
  const lines = headers
    .filter(([name]) => name.toLowerCase() !== 'content-length')
    .map(([name, value]) => `${name}: ${value}`)
  return `${[start, ...lines, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`
}

/** Every value of a header, in order. Comma-joined route sets are split (RFC 3261 section 7.3.1). */
export function headersOf(message: SipText, name: string): string[] {
  const values = message.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  return name === 'record-route' || name === 'via'
    ? values.flatMap(value => value.split(/,(?=\s*(?:<|SIP))/)).map(value => value.trim())
    : values
}
export function headerOf(message: SipText, name: string): string | undefined {
  return headersOf(message, name)[0]
}

/** 0 for a request. */
export const statusOf = (message: SipText): number => Number(/^SIP\/2\.0 (\d{3})/.exec(message.start)?.[1] ?? 0)
export const methodOf = (message: SipText): string => message.start.split(' ', 1)[0] ?? ''
export const branchOf = (message: SipText): string =>
  /branch=([^;,\s]+)/.exec(headerOf(message, 'via') ?? '')?.[1] ?? ''
export const tagOf = (value: string | undefined): string => /;\s*tag=([^;\s]+)/.exec(value ?? '')?.[1] ?? ''
export const uriOf = (value: string | undefined): string =>
  /<([^>]+)>/.exec(value ?? '')?.[1] ?? (value ?? '').split(';', 1)[0]?.trim() ?? ''
export const cseqOf = (message: SipText): { number: number; method: string } => {
  const [number, method] = (headerOf(message, 'cseq') ?? '').split(/\s+/)
  return { number: Number(number ?? 0), method: method ?? '' }
}

/** For tags, branches and Call-IDs. */
export const randomTag = () => randomBytes(8).toString('hex')
