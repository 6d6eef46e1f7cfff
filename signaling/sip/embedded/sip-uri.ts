import { isIPv6 } from 'node:net'
import { type Params, parseParams } from './name-addr.ts'
import { defaultPort, parseProtocol } from './transport-protocol.ts'

/** A sip or sips uri. IPv6 hosts are kept without brackets. */
export type SipUri = {
  readonly scheme: 'sip' | 'sips'
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
}

const sipUri =
  /^(sips?):(?:([^@<>\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-_.]+)(?::(\d{1,5}))?((?:;[^?<>\s]*)?)(\?[^<>\s]*)?$/i

/** Undefined for anything but a sip or sips uri whose host and port can be used. */
export function parseSipUri(text: string): SipUri | undefined {
  const match = sipUri.exec(text)
  if (match === null) return undefined
  const port = match[4] === undefined ? undefined : Number(match[4])
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined
  const host = match[3] ?? ''
  return {
    scheme: match[1]?.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: match[2],
    host: (host.startsWith('[') ? host.slice(1, -1) : host).toLowerCase(),
    port,
    params: parseParams(match[5] ?? ''),
  }
}

/** Any `scheme:rest` without blanks or controls: enough to be carried as a request uri. */
export function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+\-.]*:[^\s<>"]+$/.test(text)
}

/** Brackets around an IPv6 literal, as needed in Via, Contact and uris. */
export function formatHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

export function formatHostPort(host: string, port: number): string {
  return `${formatHost(host)}:${port}`
}

/** The port of a uri, or the one that its scheme and transport stand for. */
export function portOf(uri: SipUri): number {
  if (uri.port !== undefined) return uri.port
  const protocol = parseProtocol(uri.params.get('transport') ?? '')
  if (uri.scheme === 'sips') return protocol === 'ws' || protocol === 'wss' ? 443 : 5061
  return protocol === undefined ? 5060 : defaultPort(protocol)
}
