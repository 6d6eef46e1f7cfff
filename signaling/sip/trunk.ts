/** A way out into the telephone network: where calls of ours are sent, and as whom. Plain data. */
export type Trunk = {
  /** For metrics and log lines. */
  readonly name: string
  /** Where requests go: `sip:host[:port][;transport=tcp|tls]`, or `sips:host[:port]`. */
  readonly proxy: string
  /** Host part of the addresses we call and of our own; the proxy's host when left out. */
  readonly domain?: string
  /** Digest credentials (RFC 3261 section 22). */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Number shown to whom we call, where a call gives none. */
  readonly fromNumber: string
  /** Sends the number as P-Asserted-Identity too (RFC 3325), for trunks that trust us. */
  readonly assertIdentity?: boolean
}

const SIP_USER = /^[\p{L}\p{N}+*#.~_!$&'()=-]{1,64}$/u

const HOST = /^sips?:(?:[^@;>]*@)?(\[[^\]]+\]|[^:;?>]+)/i

export function trunkDomain(trunk: Trunk): string {
  return trunk.domain ?? HOST.exec(trunk.proxy)?.[1] ?? 'invalid'
}

/** Name or address (without brackets) of where requests go. */
export function trunkHost(trunk: Pick<Trunk, 'proxy'>): string {
  return HOST.exec(trunk.proxy)?.[1]?.replace(/^\[|\]$/g, '') ?? 'invalid'
}

/** The SIP address of a number behind the trunk; an address stays as it is. undefined for what is neither. */
export function addressBehind(trunk: Trunk, to: string): string | undefined {
  if (/^sips?:[^\s<>"@]+@[^\s<>"]+$/i.test(to)) return to
  return SIP_USER.test(to) ? `sip:${sipUser(to)}@${trunkDomain(trunk)}` : undefined
}

/** A number or name as user part of a SIP address: `#` and `%` would end it. */
export function sipUser(user: string): string {
  return encodeURIComponent(user).replaceAll('%2B', '+')
}

/**
 * Where the trunk finds us: `localhost` becomes the address of the transport that is used, whose name we have to say
 * ourselves. A port for TLS without it would be called by UDP.
 */
export function contactFor(trunk: Pick<Trunk, 'proxy'>, user: string): string {
  const stream = /^sips:/i.test(trunk.proxy) ? 'tls' : /;transport=(tcp|tls)\b/i.exec(trunk.proxy)?.[1]?.toLowerCase()
  return `<sip:${user}@localhost${stream === undefined ? '' : `;transport=${stream}`}>`
}
