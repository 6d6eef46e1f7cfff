import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Reply =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly status: number; readonly retryAfter?: string }
  | 'hang'
  | { readonly endless: true }

/**
 * SIMULATED speech-to-text and language-model service: it speaks the HTTP of such services and hears or understands nothing. There is
 * no real model where these tests run.
 */
export async function simulatedServices(t: { teardown(fn: () => unknown): void }) {
  const requests: { path: string; authorization: string | undefined; body: string }[] = []
  const replies: { [path: string]: ((body: string) => Reply)[] } = {}
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces).toString('latin1')
    const path = request.url ?? ''
    requests.push({ path, authorization: request.headers.authorization, body })
    const mine = replies[path] ?? []
    const reply = (mine.length > 1 ? mine.shift() : mine[0])?.(body) ?? { status: 404 }
    if (reply === 'hang') return
    if ('json' in reply) response.end(JSON.stringify(reply.json))
    else if ('text' in reply) response.end(reply.text)
    else if ('status' in reply)
      response.writeHead(reply.status, reply.retryAfter ? { 'retry-after': reply.retryAfter } : {}).end()
    else
      while (response.writable && response.write(Buffer.alloc(65536, 0x20)) !== undefined) await once(response, 'drain')
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    /** The next answers on a path; the last one stays. */
    on: (path: string, ...next: ((body: string) => Reply)[]) => {
      replies[`/v1${path}`] = next
    },
  }
}
