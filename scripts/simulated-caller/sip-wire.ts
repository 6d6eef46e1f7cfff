import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseSip, type SipText, writeSip } from './sip-text.ts'

export type SipTarget = { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }

/** The phone's way to the server: one UDP socket, or one TCP connection (RFC 3261 section 18). */
export interface SipWire {
  readonly transport: 'udp' | 'tcp'
  readonly localPort: number
  /** Over UDP `to` overrides where the message goes; a TCP connection has one end. */
  send(message: SipText, to?: { host: string; port: number }): void
  onMessage(handler: (message: SipText) => void): void
  /** The connection broke (TCP only). */
  onGone(handler: () => void): void
  close(): void
}

/** Our own address as the server will see it when no NAT lies between: connecting a UDP socket sends nothing. */
export async function addressTowards(target: SipTarget): Promise<string> {
  const socket = createSocket('udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(target.port, target.host)
    await connected
    return socket.address().address
  } finally {
    socket.close()
  }
}

export async function openWire(target: SipTarget, localAddress: string): Promise<SipWire> {
  return target.transport === 'udp' ? udpWire(target, localAddress) : tcpWire(target, localAddress)
}

async function udpWire(target: SipTarget, localAddress: string): Promise<SipWire> {
  const socket = createSocket('udp4')
  socket.bind(0, localAddress)
  await once(socket, 'listening')
  socket.on('error', () => {})
  let open = true
  return {
    transport: 'udp',
    localPort: socket.address().port,
    send(message, to = target) {
      if (open) socket.send(writeSip(message), to.port, to.host)
    },
    onMessage(handler) {
      socket.on('message', bytes => {
        const message = parseSip(bytes.toString('utf8'))
        if (message) handler(message)
      })
    },
    onGone() {},
    close() {
      if (open) socket.close()
      open = false
    },
  }
}

async function tcpWire(target: SipTarget, localAddress: string): Promise<SipWire> {
  const socket = connect({ host: target.host, port: target.port, localAddress, noDelay: true })
  await once(socket, 'connect')
  const goneHandlers: (() => void)[] = []
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const handler of goneHandlers) handler()
  })
  return {
    transport: 'tcp',
    localPort: socket.localPort ?? 0,
    send(message) {
      if (!socket.destroyed) socket.write(writeSip(message))
    },
    onMessage(handler) {
      let waiting: Buffer = Buffer.alloc(0)
      socket.on('data', (bytes: Buffer) => {
        waiting = Buffer.concat([waiting, bytes])
        for (;;) {
          // A lone CRLF is a keep-alive (RFC 5626 section 3.5.1).
          while (waiting[0] === 13 || waiting[0] === 10) waiting = waiting.subarray(1)
          const split = waiting.indexOf('\r\n\r\n')
          if (split < 0) return
          const head = waiting.toString('utf8', 0, split)
          const bodyBytes = Number(/^(?:content-length|l)\s*:\s*(\d+)/im.exec(head)?.[1] ?? 0)
          if (waiting.length < split + 4 + bodyBytes) return
          const message = parseSip(waiting.toString('utf8', 0, split + 4 + bodyBytes))
          waiting = waiting.subarray(split + 4 + bodyBytes)
          if (message) handler(message)
        }
      })
    },
    onGone(handler) {
      goneHandlers.push(handler)
    },
    close() {
      socket.destroy()
    },
  }
}
