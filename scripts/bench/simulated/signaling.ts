import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import WebSocket from 'ws'
import type { RequestData, RequestName, RequestReply } from '../../../signaling/protocol/catalogue.ts'
import { ServerMessage } from '../../../signaling/protocol/envelope.ts'
import type { NotificationData, NotificationName } from '../../../signaling/protocol/notifications.ts'
import { SUBPROTOCOL } from '../../../signaling/protocol/wire.ts'

/** POSTs JSON as our pages do; `cookie` is the one the reply sets. The server's certificate is self-made. */
export async function post<T>(
  origin: string,
  path: string,
  body: object,
  cookie?: string,
): Promise<{ reply: T; cookie: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ reply: T; cookie: string }>()
  const headers = { 'content-type': 'application/json', origin, ...(cookie && { cookie }) }
  const request = httpsRequest(`${origin}${path}`, { method: 'POST', headers, rejectUnauthorized: false }, response => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(parts).toString()
      if (response.statusCode !== 200) reject(new Error(`POST ${path}: ${response.statusCode} ${text}`))
      else resolve({ reply: JSON.parse(text), cookie: (response.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '' })
    })
  })
  request.on('error', reject)
  request.end(JSON.stringify(body))
  return promise
}

type Waiting = { resolve(data: unknown): void; reject(error: Error): void }

/** The WebSocket of a simulated page: the same subprotocol, cookies and messages as a real one. */
export class SimulatedSignaling {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, (data: never) => void>()
  #nextId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', bytes => this.#message(ServerMessage.parse(JSON.parse(String(bytes)))))
    socket.on('error', () => {})
    socket.on('close', code => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`the socket was closed: ${code}`))
    })
  }

  static async open(origin: string, path: '/ws/agent' | '/ws/caller', cookie: string): Promise<SimulatedSignaling> {
    const socket = new WebSocket(`${origin.replace('https', 'wss')}${path}`, SUBPROTOCOL, {
      rejectUnauthorized: false,
      headers: { cookie, origin },
      perMessageDeflate: false,
    })
    const signaling = new SimulatedSignaling(socket)
    await once(socket, 'open')
    return signaling
  }

  on<N extends NotificationName>(name: N, listener: (data: NotificationData<N>) => void): void {
    this.#listeners.set(name, listener)
  }

  request<N extends RequestName>(name: N, data: RequestData<N>): Promise<RequestReply<N>> {
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<RequestReply<N>>()
    this.#waiting.set(id, { resolve: data => resolve(data as RequestReply<N>), reject })
    this.#socket.send(JSON.stringify({ kind: 'request', id, name, data }))
    return promise
  }

  close(): void {
    this.#socket.close()
  }

  #message(message: ServerMessage): void {
    if (message.kind === 'notification') {
      this.#listeners.get(message.name)?.(message.data as never)
      return
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.kind === 'reply') waiting?.resolve(message.data)
    else waiting?.reject(new Error(`refused: ${message.code} ${message.message}`))
  }
}
