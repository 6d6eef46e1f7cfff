import type { WebSocket } from 'ws'
import { Request, type ServerMessage } from '../protocol/envelope.ts'
import { AppError } from '../protocol/errors.ts'
import type { NotificationData, NotificationName } from '../protocol/notifications.ts'
import { CLOSE, type CloseName } from '../protocol/wire.ts'

/** More than this waiting to be sent means the page reads too slowly to be of use. */
const MAX_BUFFERED_BYTES = 2_000_000
/** Requests a page may have open; a page of ours never comes near. */
const MAX_OPEN_REQUESTS = 64
/** Token bucket: a drawing agent sends about 60 requests a second. */
const BURST_REQUESTS = 300
const REQUESTS_PER_MS = 0.15

export type ConnectionListener = {
  request(name: string, data: unknown): Promise<unknown>
  closed(): void
  /** An error that is not an AppError: a fault of ours, to be logged. */
  fault(error: unknown): void
  refused(code: string): void
}

/** One browser on one WebSocket: requests in, replies and notifications out. */
export class Connection {
  readonly #socket: WebSocket
  #listener: ConnectionListener | undefined
  #open = 0
  #alive = true
  #tokens = BURST_REQUESTS
  #refilledAtMs = performance.now()

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('pong', () => {
      this.#alive = true
    })
    // ws reports protocol violations here and closes by itself.
    socket.on('error', () => {})
    socket.on('close', () => this.#listener?.closed())
    socket.on('message', (bytes, isBinary) => void this.#message(String(bytes), isBinary))
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  notify<N extends NotificationName>(name: N, data: NotificationData<N>): void {
    this.#send({ kind: 'notification', name, data })
  }

  close(why: CloseName): void {
    this.#socket.close(CLOSE[why].code, why)
  }

  /** Called by the door's one heartbeat; ends a connection that did not answer the last ping. */
  heartbeat(): void {
    if (!this.#alive) {
      this.#socket.terminate()
      return
    }
    this.#alive = false
    this.#socket.ping()
  }

  terminate(): void {
    this.#socket.terminate()
  }

  async #message(text: string, isBinary: boolean): Promise<void> {
    const listener = this.#listener
    if (!listener) return
    const request = isBinary ? undefined : parse(text)
    if (!request) {
      listener.refused('bad-request')
      return this.close('wrongVersion')
    }
    try {
      if (!this.#mayAsk()) throw new AppError('too-many', 'too many requests at once')
      this.#open++
      try {
        const data = await listener.request(request.name, request.data)
        this.#send({ kind: 'reply', id: request.id, data: data ?? {} })
      } finally {
        this.#open--
      }
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError('internal', 'something went wrong on our side')
      if (known !== error) listener.fault(error)
      listener.refused(known.code)
      this.#send({ kind: 'refusal', id: request.id, code: known.code, message: known.message })
    }
  }

  #mayAsk(): boolean {
    const nowMs = performance.now()
    this.#tokens = Math.min(BURST_REQUESTS, this.#tokens + (nowMs - this.#refilledAtMs) * REQUESTS_PER_MS)
    this.#refilledAtMs = nowMs
    if (this.#open >= MAX_OPEN_REQUESTS || this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #send(message: ServerMessage): void {
    if (!this.isOpen) return
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.close('tooSlow')
    else this.#socket.send(JSON.stringify(message))
  }
}

function parse(text: string): Request | undefined {
  try {
    const parsed = Request.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
