import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { AppClient } from './app-client.ts'
import { ControlFramer, ControlFramingError, encodeFrame, maxFrameBytes } from './control-framer.ts'
import type { SipLogger } from './sip-logger.ts'

/** An application that does not read is dropped before its backlog takes our memory. */
const maxUnsentBytes = 32 * 1024 * 1024
const authenticateWithinMs = 10_000
const maxTags = 20
/** Before `authenticate` nobody needs more. */
const strangerFrameBytes = 4096

export type ControlMessage = {
  readonly id: string
  readonly type: string
  /** The fields after the type, up to the first CRLF. */
  readonly fields: readonly string[]
  /** What follows the first CRLF. */
  readonly payload: Buffer
}

/** What a connection asks of its server. */
export type ControlHandler = {
  /** Undefined: the secret is wrong. */
  authenticate(
    secret: string,
  ): { readonly hostports: string; readonly version: string; readonly localHostports: string } | undefined
  onMessage(connection: ControlConnection, message: ControlMessage): void
  onAuthenticated(connection: ControlConnection): void
  onRefused(): void
  onClosed(connection: ControlConnection): void
}

/** One application on the control port. Nothing but `authenticate` is obeyed before the secret was right. */
export class ControlConnection implements AppClient {
  readonly verbs = new Set<string>()
  readonly tags = new Set<string>()
  readonly #socket: Socket
  readonly #handler: ControlHandler
  readonly #logger: SipLogger
  readonly #framer = new ControlFramer()
  readonly #strangerTimer: NodeJS.Timeout
  #authenticated = false
  #ending = false

  constructor(socket: Socket, handler: ControlHandler, logger: SipLogger) {
    this.#socket = socket
    this.#handler = handler
    this.#logger = logger
    this.#strangerTimer = setTimeout(() => this.destroy(), authenticateWithinMs)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', error => logger.debug({ err: error }, 'SIP control: connection error'))
    socket.on('close', () => {
      clearTimeout(this.#strangerTimer)
      this.#ending = true
      handler.onClosed(this)
    })
  }

  get open(): boolean {
    return this.#authenticated && !this.#ending && !this.#socket.destroyed
  }

  send(line: string, message?: Buffer): void {
    if (this.#ending || this.#socket.destroyed) return
    this.#socket.write(encodeFrame(`${randomUUID()}|${line}`, message))
    if (this.#socket.writableLength > maxUnsentBytes) {
      this.#logger.error({}, 'SIP control: an application does not read and is dropped')
      this.destroy()
    }
  }

  /** Refuses a control message and closes after the refusal has left. */
  reject(msgId: string, reason: string): void {
    this.#handler.onRefused()
    this.send(`response|${msgId}|NO|${reason}`)
    this.#end()
  }

  destroy(): void {
    this.#ending = true
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    if (this.#ending) return
    try {
      for (const frame of this.#framer.push(chunk, () => (this.#authenticated ? maxFrameBytes : strangerFrameBytes))) {
        if (this.#ending) return
        this.#onFrame(frame)
      }
    } catch (error) {
      if (!(error instanceof ControlFramingError)) throw error
      this.#handler.onRefused()
      this.#logger.warn({ reason: error.message }, 'SIP control: bad framing, connection closed')
      this.destroy()
    }
  }

  #onFrame(frame: Buffer): void {
    const lineEnd = frame.indexOf('\r\n')
    const line = frame.toString('utf8', 0, lineEnd === -1 ? frame.length : lineEnd)
    const payload = lineEnd === -1 ? Buffer.alloc(0) : frame.subarray(lineEnd + 2)
    const [id = '', type, ...fields] = line.split('|')
    if (type === undefined) this.reject(id, 'Invalid message format')
    else if (type === 'authenticate') this.#authenticate(id, fields)
    else if (!this.#authenticated) this.reject(id, 'not authenticated')
    else if (type === 'ping') this.send(`response|${id}|OK|pong`)
    else this.#handler.onMessage(this, { id, type, fields, payload })
  }

  #authenticate(id: string, fields: readonly string[]): void {
    const answer = this.#handler.authenticate(fields[0] ?? '')
    if (answer === undefined) {
      this.reject(id, 'incorrect secret')
      return
    }
    clearTimeout(this.#strangerTimer)
    this.tags.clear()
    for (const tag of (fields[1] ?? '').split(',').slice(0, maxTags)) if (tag !== '') this.tags.add(tag)
    const first = !this.#authenticated
    this.#authenticated = true
    this.send(`response|${id}|OK|${answer.hostports}|${answer.version}|${answer.localHostports}`)
    if (first) this.#handler.onAuthenticated(this)
  }

  #end(): void {
    this.#ending = true
    this.#socket.end()
    // A peer that never closes its side must not keep the socket.
    this.#socket.setTimeout(2000, () => this.#socket.destroy())
  }
}
