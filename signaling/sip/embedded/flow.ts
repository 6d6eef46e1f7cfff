import type { TransportProtocol } from './transport-protocol.ts'

/** Where a message can be sent: a UDP address seen from one of our sockets, or a connection. */
export interface Flow {
  readonly protocol: TransportProtocol
  /** True where the transport itself repeats lost bytes, so that nothing here needs to be retransmitted. */
  readonly reliable: boolean
  readonly remoteAddress: string
  readonly remotePort: number
  readonly transport: SipTransport
  /** False once a connection has gone. */
  readonly open: boolean
  /** Never throws; `onError` is called at most once, later, if the bytes could not be handed to the network. */
  send(bytes: Buffer, onError: (error: Error) => void): void
  /** Ends the connection where there is one. */
  drop?(): void
}

/** One listening address: UDP, a stream (TCP, TLS) or WebSockets (plain or over TLS). */
export interface SipTransport {
  readonly protocol: TransportProtocol
  /** The address bound, possibly a wildcard, and the port bound. */
  readonly host: string
  readonly port: number
  /**
   * A flow to this peer; connections are reused, and otherwise opened by the first `send`. `serverName` is the name that the
   * peer's certificate must carry (TLS only). Nobody can connect to a WebSocket peer: without an open connection the flow is
   * a closed one.
   */
  flowTo(address: string, port: number, serverName?: string): Flow
  /** Reads certificates again where there are any: later handshakes use them. */
  renew?(): Promise<void>
  close(): Promise<void>
}

/** Called with every datagram, or with every message cut out of a stream. */
export type OnBytes = (bytes: Buffer, flow: Flow) => void
