import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsPair } from './certificate.ts'

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000

/** The HTTPS server and the plain one beside it. */
export class WebServers {
  readonly https: Server
  readonly http: Server

  private constructor(https: Server, http: Server) {
    this.https = https
    this.http = http
  }

  static create(tls: TlsPair): WebServers {
    const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }
    return new WebServers(createHttpsServer({ key: tls.key, cert: tls.cert, ...timeouts }), createHttpServer(timeouts))
  }

  get httpsPort(): number {
    return (this.https.address() as AddressInfo).port
  }
  get httpPort(): number {
    return (this.http.address() as AddressInfo).port
  }

  handle(listener: RequestListener): void {
    this.https.on('request', listener)
    this.http.on('request', listener)
  }

  /** @throws Error that names the port when it is taken */
  async listen(o: { host: string; httpsPort: number; httpPort: number }): Promise<void> {
    await listen(this.https, o.host, o.httpsPort, 'TONGPING_HTTPS_PORT')
    await listen(this.http, o.host, o.httpPort, 'TONGPING_HTTP_PORT')
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.https, this.http].map(server => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        server.closeAllConnections()
        return closed
      }),
    )
  }
}

function listen(server: Server, host: string, port: number, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code ?? error.message})`
      reject(new Error(`${setting}: port ${port} ${why}`, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })
}
