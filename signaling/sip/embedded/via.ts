import { formatParams, parseParams, splitOutsideQuotes } from './name-addr.ts'
import type { SipRequest } from './sip-message.ts'
import { formatHost } from './sip-uri.ts'

export type Via = {
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly params: ReadonlyMap<string, string | undefined>
}

/** Whether peers that do not ask for it are answered where they send from. */
export type RportPolicy = 'always' | 'asked'

export const branchCookie = 'z9hG4bK'

const viaForm =
  /^\s*SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+(\[[^\]]+\]|[^\s;:,]+)\s*(?::\s*(\d{1,5}))?\s*((?:;[\s\S]*)?)$/i

export function parseVia(value: string): Via | undefined {
  const match = viaForm.exec(value)
  if (match === null) return undefined
  const port = match[3] === undefined ? undefined : Number(match[3])
  if (port !== undefined && port > 65_535) return undefined
  const host = match[2] ?? ''
  return {
    transport: (match[1] ?? '').toLowerCase(),
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port,
    params: parseParams(match[4] ?? ''),
  }
}

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport.toUpperCase()} ${formatHost(via.host)}${port}${formatParams(via.params)}`
}

/**
 * Writes where a request really came from into its top Via (RFC 3261 18.2.1, RFC 3581): `received` only where the sent-by host
 * differs; `rport` whether asked for or not, for many behind a NAT do not know that they should. With `asked`, not for a UDP
 * peer that names the very address it sends from and another port: there is no NAT, it listens there and nowhere else.
 */
export function completeTopVia(
  request: SipRequest,
  sourceAddress: string,
  sourcePort: number,
  rport: RportPolicy = 'always',
): Via | undefined {
  const index = request.headers.findIndex(header => header.key === 'via')
  const header = request.headers[index]
  if (header === undefined) return undefined
  const [first = '', ...others] = splitOutsideQuotes(header.value, ',')
  const via = parseVia(first)
  if (via === undefined) return undefined
  const params = new Map(via.params)
  const here = via.host.toLowerCase() === sourceAddress.toLowerCase()
  const elsewhere =
    rport === 'asked' && here && via.transport === 'udp' && !params.has('rport') && (via.port ?? 5060) !== sourcePort
  if (!elsewhere) params.set('rport', String(sourcePort))
  if (!here) params.set('received', sourceAddress)
  const completed: Via = { ...via, params }
  const value = [formatVia(completed), ...others.map(other => other.trim())].join(', ')
  request.headers[index] = { ...header, value }
  return completed
}

/** The top Via of a message. */
export function topVia(message: { list(key: string): string[] }): Via | undefined {
  const first = message.list('via')[0]
  return first === undefined ? undefined : parseVia(first)
}
