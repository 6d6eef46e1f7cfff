import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until, within } from '../until.ts'

export type BaresipEvent = {
  readonly class: string
  readonly type: string
  readonly direction?: string
  readonly peeruri?: string
  readonly id?: string
  readonly param?: string
}
type Answer = { readonly response: true; readonly ok: boolean; readonly data?: string; readonly token?: string }

/** The control connection of baresip (its module ctrl_tcp): JSON in netstrings, commands out, answers and events in. */
export class BaresipControl {
  /** Everything told so far, in order. */
  readonly events: BaresipEvent[] = []
  readonly #socket: Socket
  readonly #waiting = new Map<string, (answer: Answer) => void>()
  #received: Buffer = Buffer.alloc(0)
  #nextToken = 1

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', () => {})
  }

  /** Rejects when nobody listens there yet. */
  static async connect(port: number): Promise<BaresipControl> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new BaresipControl(socket)
  }

  /** Resolves with what the command printed. Rejects when baresip refuses it. */
  async command(command: string, params?: string): Promise<string> {
    const token = `${this.#nextToken++}`
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#waiting.set(token, resolve)
    const text = JSON.stringify({ command, token, ...(params === undefined ? {} : { params }) })
    this.#socket.write(`${Buffer.byteLength(text)}:${text},`)
    const answer = await within(`baresip's answer to ${command}`, 5000, promise)
    if (!answer.ok) throw new Error(`baresip refuses ${command}: ${answer.data ?? ''}`)
    return answer.data ?? ''
  }

  /** The first event of that type from number `since` of `events` on. */
  async event(type: string, o: { since?: number; timeoutMs?: number } = {}): Promise<BaresipEvent> {
    const since = o.since ?? 0
    return until(`${type} at baresip`, () => this.events.slice(since).find(event => event.type === type), {
      timeoutMs: o.timeoutMs ?? 10_000,
    }).catch(error => {
      throw new Error(
        `${error.message}; told: ${this.events.map(told => `${told.type} ${told.param ?? ''}`).join(', ')}`,
      )
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const colon = this.#received.indexOf(':')
      if (colon < 0) return
      const length = Number(this.#received.subarray(0, colon).toString())
      const end = colon + 1 + length
      if (!Number.isInteger(length)) throw new Error('not a netstring')
      // One comma behind each.
      if (this.#received.length < end + 1) return
      const message: unknown = JSON.parse(this.#received.subarray(colon + 1, end).toString())
      this.#received = this.#received.subarray(end + 1)
      this.#hear(message as Answer | (BaresipEvent & { event: true }))
    }
  }

  #hear(message: Answer | (BaresipEvent & { event: true })): void {
    if (!('response' in message)) {
      this.events.push(message)
      return
    }
    this.#waiting.get(message.token ?? '')?.(message)
    this.#waiting.delete(message.token ?? '')
  }
}
