import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { ControlFramer, encodeFrame } from '../control-framer.ts'

export type ControlReply = { readonly line: string; readonly fields: readonly string[]; readonly message: string }

/** Speaks the control protocol byte by byte, for what drachtio-srf never does. */
export class ControlClient {
  readonly socket: Socket
  readonly #framer = new ControlFramer()
  readonly #replies: ControlReply[] = []
  readonly closed: Promise<void>
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#framer.push(chunk)) {
        const text = frame.toString('utf8')
        const end = text.indexOf('\r\n')
        const line = end === -1 ? text : text.slice(0, end)
        this.#replies.push({ line, fields: line.split('|'), message: end === -1 ? '' : text.slice(end + 2) })
      }
      this.#wake()
    })
    socket.on('error', () => {})
    this.closed = new Promise(resolve => socket.on('close', () => resolve()))
  }

  static async create(port: number): Promise<ControlClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new ControlClient(socket)
  }

  /** Connected and let in. */
  static async authenticated(port: number, secret = 'test-secret'): Promise<ControlClient> {
    const client = await ControlClient.create(port)
    await client.ask(`authenticate|${secret}|`)
    return client
  }

  /** Sends a command; returns its message id. */
  send(line: string, message?: string): string {
    const id = randomUUID()
    this.socket.write(encodeFrame(`${id}|${line}`, message === undefined ? undefined : Buffer.from(message)))
    return id
  }

  async ask(line: string, message?: string): Promise<ControlReply> {
    const id = this.send(line, message)
    return this.next(reply => reply.fields[1] === 'response' && reply.fields[2] === id)
  }

  async next(wanted: (reply: ControlReply) => boolean, timeoutMs = 2000): Promise<ControlReply> {
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      const index = this.#replies.findIndex(wanted)
      const [found] = index === -1 ? [] : this.#replies.splice(index, 1)
      if (found !== undefined) return found
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) throw new Error(`no such reply; have: ${this.#replies.map(reply => reply.line).join(' ; ')}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  nextSip(): Promise<ControlReply> {
    return this.next(reply => reply.fields[1] === 'sip')
  }
}
