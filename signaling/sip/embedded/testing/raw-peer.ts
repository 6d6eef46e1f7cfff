import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { SipMessage, SipRequest, SipResponse } from '../sip-message.ts'
import { parseSipMessage } from '../sip-parser.ts'

export const offerSdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n'
export const answerSdp = offerSdp.replace('o=- 1 1', 'o=- 2 2')

export type InviteOptions = {
  readonly to?: string
  readonly callId?: string
  readonly fromTag?: string
  readonly branch?: string
  readonly cseq?: number
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A SIP peer that only sends what a test tells it and keeps all that comes: for details of the wire. */
export class RawPeer {
  readonly #socket: Socket
  readonly #arrived: SipMessage[] = []
  #wake: () => void = () => {}
  /** Of all that came, also of what cannot be read: an answer copies what was wrong with its request. */
  readonly startLines: string[] = []
  readonly serverPort: number

  private constructor(socket: Socket, serverPort: number) {
    this.#socket = socket
    this.serverPort = serverPort
    socket.on('message', bytes => {
      this.startLines.push(bytes.toString('latin1').split('\r\n')[0] ?? '')
      const result = parseSipMessage(bytes)
      if (result.ok) this.#arrived.push(result.message)
      this.#wake()
    })
  }

  /** `address`: which of the loopback's it has. */
  static async create(serverPort: number, address = '127.0.0.1'): Promise<RawPeer> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    return new RawPeer(socket, serverPort)
  }

  get port(): number {
    return this.#socket.address().port
  }

  get hostPort(): string {
    return `${this.#socket.address().address}:${this.port}`
  }

  /** Messages not taken by `next` yet. */
  get waiting(): readonly SipMessage[] {
    return this.#arrived
  }

  send(lines: readonly string[], body = ''): void {
    const length = Buffer.byteLength(body)
    this.sendRaw(`${[...lines, `Content-Length: ${length}`].join('\r\n')}\r\n\r\n${body}`)
  }

  sendRaw(text: string | Buffer): void {
    this.#socket.send(text, this.serverPort, '127.0.0.1')
  }

  via(branch = `z9hG4bK${randomBytes(6).toString('hex')}`): string {
    return `Via: SIP/2.0/UDP ${this.hostPort};branch=${branch};rport`
  }

  /** Sends a request outside a dialog; returns its lines for later reference. */
  request(
    method: string,
    options: InviteOptions = {},
  ): { readonly callId: string; readonly fromTag: string; readonly branch: string } {
    const callId = options.callId ?? randomBytes(8).toString('hex')
    const fromTag = options.fromTag ?? randomBytes(4).toString('hex')
    const branch = options.branch ?? `z9hG4bK${randomBytes(6).toString('hex')}`
    this.send(
      [
        `${method} sip:bob@127.0.0.1:${this.serverPort} SIP/2.0`,
        this.via(branch),
        'Max-Forwards: 70',
        `From: "Alice" <sip:alice@${this.hostPort}>;tag=${fromTag}`,
        options.to ?? `To: <sip:bob@127.0.0.1:${this.serverPort}>`,
        `Call-ID: ${callId}`,
        `CSeq: ${options.cseq ?? 1} ${method}`,
        `Contact: <sip:alice@${this.hostPort}>`,
        ...(options.body === ''
          ? []
          : options.body === undefined && method !== 'INVITE'
            ? []
            : ['Content-Type: application/sdp']),
        ...(options.headers ?? []),
      ],
      options.body ?? (method === 'INVITE' ? offerSdp : ''),
    )
    return { callId, fromTag, branch }
  }

  /** A request in the dialog that a 2xx or 1xx has made. */
  inDialog(method: string, made: SipResponse, cseq: number, headers: readonly string[] = [], body = ''): void {
    const target = /<([^>]+)>/.exec(made.get('contact') ?? '')?.[1] ?? `sip:127.0.0.1:${this.serverPort}`
    this.send(
      [
        `${method} ${target} SIP/2.0`,
        this.via(),
        'Max-Forwards: 70',
        `From: ${made.get('from')}`,
        `To: ${made.get('to')}`,
        `Call-ID: ${made.callId}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:alice@${this.hostPort}>`,
        ...(body === '' ? [] : ['Content-Type: application/sdp']),
        ...headers,
      ],
      body,
    )
  }

  /** Answers a request that the server sent; `toTag` makes it a dialog's. */
  respond(
    request: SipRequest,
    status: number,
    options: { toTag?: string; headers?: readonly string[]; body?: string } = {},
  ): void {
    const to = request.get('to') ?? ''
    this.send(
      [
        `SIP/2.0 ${status} Test`,
        ...request.list('via').map(via => `Via: ${via}`),
        `From: ${request.get('from')}`,
        `To: ${options.toTag === undefined || to.includes('tag=') ? to : `${to};tag=${options.toTag}`}`,
        `Call-ID: ${request.callId}`,
        `CSeq: ${request.get('cseq')}`,
        ...(options.headers ?? [`Contact: <sip:peer@${this.hostPort}>`]),
        ...(options.body === undefined ? [] : ['Content-Type: application/sdp']),
      ],
      options.body ?? '',
    )
  }

  /** The next request of that method, skipping nothing of other kinds. */
  async nextRequest(method: string, timeoutMs = 2000): Promise<SipRequest> {
    return (await this.next(
      message => message.kind === 'request' && message.method === method,
      timeoutMs,
      method,
    )) as SipRequest
  }

  async nextResponse(status: number, method = 'INVITE', timeoutMs = 2000): Promise<SipResponse> {
    const wanted = (message: SipMessage): boolean =>
      message.kind === 'response' && message.status === status && message.cseq.method === method
    return (await this.next(wanted, timeoutMs, `${status} ${method}`)) as SipResponse
  }

  async next(wanted: (message: SipMessage) => boolean, timeoutMs: number, what = 'message'): Promise<SipMessage> {
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      const index = this.#arrived.findIndex(wanted)
      const [found] = index === -1 ? [] : this.#arrived.splice(index, 1)
      if (found !== undefined) return found
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0)
        throw new Error(
          `no ${what} came; have: ${this.#arrived
            .slice(-20)
            .map(message => message.startLine)
            .join(' | ')}`,
        )
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** How many messages of a kind come within a time. */
  async count(wanted: (message: SipMessage) => boolean, withinMs: number): Promise<number> {
    await new Promise(resolve => setTimeout(resolve, withinMs))
    return this.#arrived.filter(wanted).length
  }

  close(): void {
    this.#socket.close()
  }
}
