import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly type: string; readonly bytes: Buffer }
/** `undefined`: not mine. */
export type SimulatedRoute = (path: string, query: URLSearchParams, body: unknown) => Promise<Answer | undefined>

type SimulatedOptions = {
  readonly pagesFolder: string
  readonly route: SimulatedRoute
  readonly rights?: () => readonly string[]
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  wasm: 'application/wasm',
  html: 'text/html; charset=utf-8',
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? undefined : JSON.parse(text)
}

/**
 * SIMULATED: serves built pages and made-up answers on loopback, so that a page's behaviour can be staged.
 * Sign-in takes the password "right" and nothing else. The real server's tests are in test/e2e.
 */
export class SimulatedServer {
  readonly http: Server
  readonly address: string
  readonly signedIn: Set<string>

  private constructor(http: Server, signedIn: Set<string>) {
    this.http = http
    this.signedIn = signedIn
    this.address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }

  /** `pagesFolder` is what `buildPages` wrote. */
  static async create(o: SimulatedOptions): Promise<SimulatedServer> {
    const signedIn = new Set<string>()
    const http = createServer((request, response) => {
      handle(request, response, o, signedIn).catch((error: unknown) => {
        response.writeHead(500).end(JSON.stringify({ code: 'internal', message: String(error) }))
      })
    })
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    return new SimulatedServer(http, signedIn)
  }

  async close(): Promise<void> {
    this.http.closeAllConnections()
    await new Promise(resolve => this.http.close(resolve))
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  o: SimulatedOptions,
  signedIn: Set<string>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const path = url.pathname
  const send = (status: number, body: unknown) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body))
  const file = path === '/agent' || path === '/review' ? `${path.slice(1)}.html` : path.slice(1)
  if (path === '/agent' || path === '/review' || path.startsWith('/assets/')) {
    const bytes = await readFile(join(o.pagesFolder, file))
    response.writeHead(200, { 'content-type': TYPES[file.split('.').pop() ?? ''] ?? 'application/octet-stream' })
    response.end(bytes)
    return
  }
  const body = request.method === 'POST' ? await bodyOf(request) : undefined
  const { role, password, name } = { role: url.searchParams.get('role'), ...(body as object) } as Record<string, string>
  if (path === '/api/sign-in') {
    if (password !== 'right') return void send(401, { code: 'not-signed-in', message: 'name or password is wrong' })
    signedIn.add(String(role))
    return void send(200, { name, role, rights: o.rights?.() ?? [] })
  }
  if (path === '/api/session' || path === '/api/session/refresh') {
    if (!signedIn.has(String(role))) return void send(401, { code: 'not-signed-in', message: 'not signed in' })
    return void send(200, { name: role === 'agent' ? '林晓' : '周敏', role, rights: o.rights?.() ?? [] })
  }
  if (path === '/api/sign-out') {
    signedIn.delete(String(role))
    return void send(204, undefined)
  }
  const answer = await o.route(path, url.searchParams, body)
  if (!answer) return void send(404, { code: 'not-found', message: 'nothing here' })
  if ('bytes' in answer) return sendRange(request, response, answer)
  send(answer.status, answer.body)
}

/** With ranges, because a browser does not seek in a film that comes in one piece. */
function sendRange(request: IncomingMessage, response: ServerResponse, file: { type: string; bytes: Buffer }): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const from = Number(range?.[1] ?? 0)
  const to = range?.[2] ? Number(range[2]) : file.bytes.length - 1
  response.writeHead(range ? 206 : 200, {
    'content-type': file.type,
    'accept-ranges': 'bytes',
    'content-length': to - from + 1,
    ...(range ? { 'content-range': `bytes ${from}-${to}/${file.bytes.length}` } : {}),
  })
  response.end(file.bytes.subarray(from, to + 1))
}
