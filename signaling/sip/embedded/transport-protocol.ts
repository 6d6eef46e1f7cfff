/** Over what SIP is spoken. */
export type TransportProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** Where a peer listens when it does not say (RFC 3261 19.1.2, RFC 7118). */
export function defaultPort(protocol: TransportProtocol): number {
  switch (protocol) {
    case 'tls':
      return 5061
    case 'ws':
      return 80
    case 'wss':
      return 443
    case 'udp':
    case 'tcp':
      return 5060
  }
}

export function isSecure(protocol: TransportProtocol): boolean {
  return protocol === 'tls' || protocol === 'wss'
}

/** As drachtio names it to applications: a WebSocket is a `tcp` connection to it. */
export function controlName(protocol: string): string {
  return protocol === 'ws' || protocol === 'wss' ? 'tcp' : protocol
}

/** `TLS` of a Via, or a `transport=` parameter, in our spelling; undefined for what is not spoken here. */
export function parseProtocol(text: string): TransportProtocol | undefined {
  const name = text.toLowerCase()
  return name === 'udp' || name === 'tcp' || name === 'tls' || name === 'ws' || name === 'wss' ? name : undefined
}
