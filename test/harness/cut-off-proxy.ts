import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'

/** HTTP proxy before a real server that stops answering after so many requests: each one is taken and never answered. */
export class CutOffProxy {
  readonly endpoint: string
  /** Bytes of request bodies that were handed on. */
  bytesUp = 0
  bytesDown = 0
  /** Requests that came, answered or not. */
  requests = 0
  readonly #server: Server
  #left = Number.POSITIVE_INFINITY

  private constructor(server: Server, endpoint: string) {
    this.#server = server
    this.endpoint = endpoint
  }

  static async start(target: string): Promise<CutOffProxy> {
    const { hostname, port } = new URL(target)
    const server = createServer((incoming, outgoing) => {
      proxy.requests++
      if (proxy.#left <= 0) return void incoming.resume()
      proxy.#left--
      // The signature covers the Host header: it is passed on as it came.
      const { method, url, headers } = incoming
      const onward = request({ hostname, port, method, path: url, headers }, answer => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.on('data', (bytes: Buffer) => {
          proxy.bytesDown += bytes.length
        })
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      incoming.on('data', (bytes: Buffer) => {
        proxy.bytesUp += bytes.length
      })
      incoming.pipe(onward)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('no port')
    const proxy = new CutOffProxy(server, `http://127.0.0.1:${address.port}`)
    return proxy
  }

  answerOnly(requests: number): void {
    this.#left = requests
  }

  answerAll(): void {
    this.#left = Number.POSITIVE_INFINITY
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
}
