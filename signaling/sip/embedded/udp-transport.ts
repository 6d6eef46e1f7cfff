import { createSocket, type Socket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import type { Flow, OnBytes, SipTransport } from './flow.ts'
import { plainAddress } from './local-address.ts'
import type { SipLogger } from './sip-logger.ts'

const receiveBufferBytes = 4 * 1024 * 1024

/** One UDP socket. Datagrams above the MTU are sent as they are (as drachtio does); the network may fragment them. */
export class UdpTransport implements SipTransport {
  readonly protocol = 'udp'
  readonly host: string
  readonly port: number
  readonly #socket: Socket
  #closed = false

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.host = host
    this.port = socket.address().port
  }

  static async create(host: string, port: number, onBytes: OnBytes, logger: SipLogger): Promise<UdpTransport> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, host, () => {
        socket.off('error', reject)
        resolve()
      })
    })
    try {
      socket.setRecvBufferSize(receiveBufferBytes)
    } catch {
      logger.debug({}, 'SIP: the kernel keeps its own UDP buffer size')
    }
    const transport = new UdpTransport(socket, host)
    socket.on('error', error => logger.warn({ err: error }, 'SIP: UDP socket error'))
    socket.on('message', (bytes, from) => {
      if (!isKeepAlive(bytes)) onBytes(bytes, transport.flowTo(plainAddress(from.address), from.port))
    })
    return transport
  }

  flowTo(address: string, port: number): Flow {
    return {
      protocol: 'udp',
      reliable: false,
      remoteAddress: address,
      remotePort: port,
      transport: this,
      open: true,
      send: (bytes, onError) => this.#send(bytes, address, port, onError),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>(resolve => this.#socket.close(() => resolve()))
  }

  #send(bytes: Buffer, address: string, port: number, onError: (error: Error) => void): void {
    if (this.#closed) return
    const target = isIPv6(this.host) && isIPv4(address) ? `::ffff:${address}` : address
    try {
      this.#socket.send(bytes, port, target, error => {
        if (error !== null && error !== undefined) onError(error)
      })
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('send failed', { cause: error })
      queueMicrotask(() => onError(failure))
    }
  }
}

/** CRLF keep-alives, the single zero bytes of some phones, and empty datagrams. */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length <= 4 && bytes.every(byte => byte === 13 || byte === 10 || byte === 0 || byte === 32)
}
