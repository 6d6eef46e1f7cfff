import { isIPv6 } from 'node:net'

export type Endpoint = { readonly address: string; readonly port: number }

/** `::ffff:10.0.0.1` (an IPv4 peer on an IPv6 socket) reads as `10.0.0.1`, so that addresses can be compared. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** `0.0.0.0`, `::` and names in `.invalid` say "send nothing here" (RFC 3264 section 8.4, RFC 6157 section 5). */
export const isNowhere = (address: string): boolean =>
  address === '0.0.0.0' || address === '::' || /\.invalid\.?$/i.test(address)

/**
 * True for addresses that a peer behind NAT writes into its SDP: RFC 1918, RFC 6598 (carrier NAT), loopback,
 * link-local and unique local IPv6.
 */
export function isPrivateAddress(address: string): boolean {
  const plain = plainAddress(address).toLowerCase()
  if (isIPv6(plain)) return plain === '::1' || /^(fc|fd|fe[89ab])/.test(plain)
  const [a = 0, b = 0] = plain.split('.').map(Number)
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  )
}
