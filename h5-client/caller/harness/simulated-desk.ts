import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { JoinRefusal, Language } from '../../../signaling/protocol/call.ts'
import type { CallId, MarkId, PageId, ParticipantId } from '../../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'

export type SimulatedDeskOptions = {
  readonly outFolder: string
  readonly kind?: 'link' | 'digits'
  readonly state?: 'ready' | JoinRefusal
  readonly language?: Language
  /** Body of a refused POST /api/join or /api/join/digits. */
  readonly refuseJoin?: { readonly status: number; readonly body: object }
  readonly refuseDigits?: { readonly status: number; readonly body: object }
  readonly tools?: readonly string[]
  /** What the agent says to a second browser that asks for the caller's place. */
  readonly rebind?: 'allowed' | 'refused'
  readonly picture?: {
    readonly bytes: Buffer
    readonly type: string
    readonly widthPx: number
    readonly heightPx: number
  }
}
type Asked = { readonly name: string; readonly data: unknown }

const CAPABILITIES = {
  codecs: [
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 101,
      clockRate: 90000,
      parameters: {},
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
    },
  ],
  headerExtensions: [],
}

/**
 * Plays the server towards the phone page: same paths, cookie, CSP and messages, but no call, no journal file and no
 * media worker behind them (its transport never connects). For looking at the page and testing it alone.
 */
export class SimulatedDesk {
  /** Everything the page posted or asked for, in order. */
  readonly posted: { readonly path: string; readonly body: Record<string, unknown> }[] = []
  readonly asked: Asked[] = []
  readonly callId: CallId = newId('call')
  readonly agentId: ParticipantId = newId('part')
  readonly entries: JournalEntry[] = []
  /** Stills and frames, as they came. */
  readonly received: { readonly path: string; readonly kind: string | undefined; readonly bytes: Buffer }[] = []
  readonly uploads = new Map<string, { sizeBytes: number; bytes: Buffer }>()
  /** Stills are refused with this status while it is set. */
  refuseStill: number | undefined
  readonly #o: SimulatedDeskOptions
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'tongping.1' })
  readonly #cookie = randomBytes(12).toString('hex')
  #spent = false

  private constructor(o: SimulatedDeskOptions) {
    this.#o = o
    this.#http = createServer((request, response) => void this.#serve(request, response))
    this.#http.on('upgrade', (request, socket, head) => {
      if (!request.headers.cookie?.includes(`tp_caller=${this.#cookie}`)) {
        socket.end('HTTP/1.1 401 no session\r\nConnection: close\r\n\r\n')
        return
      }
      this.#sockets.handleUpgrade(request, socket, head, ws => this.#hear(ws))
    })
  }

  static async start(o: SimulatedDeskOptions): Promise<SimulatedDesk> {
    const desk = new SimulatedDesk(o)
    desk.#http.listen(0, '127.0.0.1')
    await once(desk.#http, 'listening')
    return desk
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }
  get link(): string {
    return `${this.url}/j/simulated-token-0001`
  }

  tell(name: string, data: object): void {
    for (const ws of this.#sockets.clients) ws.send(JSON.stringify({ kind: 'notification', name, data }))
  }

  /** Appends one entry and tells it, as the journal would. */
  happen(event: object): void {
    const entry = { seq: this.entries.length, atMs: this.entries.length * 10, prev: '', ...event } as JournalEntry
    this.entries.push(entry)
    this.tell('call.entries', { callId: this.callId, entries: [entry] })
  }

  freeze(): PageId {
    const id = newId('page')
    const size = { widthPx: this.#o.picture?.widthPx ?? 1280, heightPx: this.#o.picture?.heightPx ?? 720 }
    const picture = { ...size, file: 'x', sha256: 'x', type: 'image/webp', source: 'server-key-frame', rtpTimestamp: 0 }
    this.happen({ type: 'page.added', page: { kind: 'camera', id, by: this.agentId, picture } })
    this.happen({ type: 'stage.page', by: this.agentId, pageId: id })
    return id
  }

  draw(on: PageId, mark: Omit<Mark, 'id'> & { text?: string }): MarkId {
    const id = newId('mark')
    this.happen({ type: 'mark.begun', by: this.agentId, on, mark: { ...mark, id } })
    return id
  }

  extend(on: PageId, markId: MarkId, points: readonly Point[]): void {
    this.happen({ type: 'mark.extended', by: this.agentId, on, markId, points })
  }

  /** Closes every page's socket with this code; 1012 lets them come back. */
  cut(code: number): void {
    for (const ws of this.#sockets.clients) ws.close(code)
  }

  async close(): Promise<void> {
    for (const ws of this.#sockets.clients) ws.terminate()
    this.#sockets.close()
    this.#http.closeAllConnections()
    this.#http.close()
    await once(this.#http, 'close')
  }

  #session() {
    const ice = { usernameFragment: 'simulatedufrag1', password: 'simulatedpassword0000001', iceLite: true }
    const fingerprint = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':')
    return {
      callId: this.callId,
      participantId: newId('part'),
      agentName: '王芳',
      language: this.#o.language ?? 'zh-CN',
      entries: this.entries,
      tools: this.#o.tools ?? ['caller-draw', 'upload'],
      consents: { camera: true, recording: true },
      send: {
        id: 'simulated-transport',
        iceParameters: ice,
        iceCandidates: [
          {
            foundation: 'udp',
            priority: 1,
            ip: '127.0.0.1',
            address: '127.0.0.1',
            port: 9,
            protocol: 'udp',
            type: 'host',
          },
        ],
        dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] },
      },
    }
  }

  #hear(ws: WebSocket): void {
    ws.on('message', data => {
      const { id, name, data: asked } = JSON.parse(String(data)) as Asked & { id: number }
      this.asked.push({ name, data: asked })
      const reply =
        name === 'caller.enter'
          ? this.#session()
          : name === 'media.produce'
            ? { producerId: `producer-${id}` }
            : name === 'media.restartIce'
              ? { iceParameters: this.#session().send.iceParameters }
              : {}
      ws.send(JSON.stringify({ kind: 'reply', id, data: reply }))
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (request.method === 'POST') {
      await this.#post(path, request, response)
    } else if (path.startsWith('/assets/')) {
      const type = path.endsWith('.js') ? 'text/javascript' : 'text/css'
      response.writeHead(200, { 'content-type': type }).end(await readFile(join(this.#o.outFolder, path)))
    } else if (path.includes('/pictures/') && this.#o.picture) {
      response.writeHead(200, { 'content-type': this.#o.picture.type }).end(this.#o.picture.bytes)
    } else if (path.endsWith('/seat')) {
      response.writeHead(204).end()
    } else if (path.includes('/uploads/')) {
      const upload = this.uploads.get(path.split('/').at(-1) ?? '')
      response.writeHead(200).end(JSON.stringify({ receivedBytes: upload?.bytes.length ?? 0 }))
    } else if (path === '/' || path.startsWith('/j/')) {
      await this.#page(path, request, response)
    } else {
      response.writeHead(path === '/healthz' ? 200 : 404).end('{}')
    }
  }

  async #page(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = randomBytes(12).toString('base64url')
    const link = path.startsWith('/j/')
    const resume = request.headers.cookie?.includes(this.#cookie) === true
    const state = this.#o.state ?? (link && this.#spent && !resume ? 'already-used' : 'ready')
    const boot = {
      language: this.#o.language ?? 'zh-CN',
      kind: link ? 'link' : 'digits',
      state,
      ...(link && state === 'ready' ? { agentName: '王芳' } : {}),
      resume,
      consentVersion: 'simulated-1',
      routerRtpCapabilities: CAPABILITIES,
    }
    const html = (await readFile(join(this.#o.outFolder, 'caller.html'), 'utf8'))
      .replace(
        '<!--tongping-boot-->',
        () => `<script type="application/json" id="boot">${JSON.stringify(boot)}</script>`,
      )
      .replaceAll('__NONCE__', nonce)
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
          `connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      })
      .end(html)
  }

  #bytes(path: string, request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const send = (status: number, data: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(data))
    const [, uploadId] = /\/uploads\/([^?]+)/.exec(path) ?? []
    const upload = this.uploads.get(uploadId ?? '')
    if (upload) {
      upload.bytes = Buffer.concat([upload.bytes, bytes])
      return void send(200, { receivedBytes: upload.bytes.length })
    }
    if (path.endsWith('/still') && this.refuseStill !== undefined) return void send(this.refuseStill, {})
    this.received.push({ path, kind: request.headers['x-still-kind'] as string | undefined, bytes })
    send(200, {})
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    if (request.headers['content-type'] !== 'application/json') return this.#bytes(path, request, bytes, response)
    const body = JSON.parse(bytes.toString() || '{}') as Record<string, unknown>
    this.posted.push({ path, body })
    const send = (status: number, data?: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(data === undefined ? '' : JSON.stringify(data))
    if (path === '/api/join/opened') return void send(204)
    if (path === '/api/join/digits') {
      if (this.#o.refuseDigits) return void send(this.#o.refuseDigits.status, this.#o.refuseDigits.body)
      return void send(200, { token: 'simulated-token-0001', agentName: '王芳', language: this.#o.language ?? 'zh-CN' })
    }
    if (path === '/api/join/rebind') return void send(200, { ticket: 'simulated-ticket-00001', waitMs: 60_000 })
    if (path === '/api/join/rebind/answer') {
      if (this.#o.rebind === 'refused') return void send(200, { state: 'refused', leftMs: 0 })
      const cookie = `tp_caller=${this.#cookie}; HttpOnly; SameSite=Lax; Path=/`
      return void send(200, { state: 'allowed', session: this.#session() }, { 'set-cookie': cookie })
    }
    if (path.endsWith('/uploads')) {
      const uploadId = newId('up')
      this.uploads.set(uploadId, { sizeBytes: Number(body.sizeBytes), bytes: Buffer.alloc(0) })
      return void send(200, { uploadId, chunkBytes: 64 * 1024, receivedBytes: 0 })
    }
    if (path !== '/api/join') return void send(404, { code: 'not-found', message: 'no such path' })
    if (this.#o.refuseJoin) return void send(this.#o.refuseJoin.status, this.#o.refuseJoin.body)
    this.#spent = true
    send(200, this.#session(), { 'set-cookie': `tp_caller=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/` })
  }
}
