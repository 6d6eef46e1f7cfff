import type { Socket } from 'node:net'
import type { SipMessage, SipRequest, SipResponse } from '../sip-message.ts'
import { parseSipMessage } from '../sip-parser.ts'
import { StreamFramer } from '../stream-framer.ts'

/** A stream peer that keeps the messages it gets. */
export class StreamPeer {
  readonly socket: Socket
  readonly #framer = new StreamFramer()
  readonly messages: SipMessage[] = []
  pings = 0

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      if (chunk.toString() === '\r\n') this.pings++
      for (const item of this.#framer.push(chunk)) {
        if (item.kind !== 'message') continue
        const result = parseSipMessage(item.bytes)
        if (result.ok) this.messages.push(result.message)
      }
    })
  }

  async next(wanted: (message: SipMessage) => boolean): Promise<SipMessage> {
    for (let turn = 0; turn < 400; turn++) {
      const index = this.messages.findIndex(wanted)
      const [found] = index === -1 ? [] : this.messages.splice(index, 1)
      if (found !== undefined) return found
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`nothing came: ${this.messages.map(message => message.startLine)}`)
  }

  async request(method: string): Promise<SipRequest> {
    return (await this.next(message => message.kind === 'request' && message.method === method)) as SipRequest
  }

  async response(status: number): Promise<SipResponse> {
    return (await this.next(message => message.kind === 'response' && message.status === status)) as SipResponse
  }
}
