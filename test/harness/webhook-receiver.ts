import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  readonly id: string
  readonly event: string
  readonly externalId: string
  readonly callId: string
}

/** What takes our webhook's posts: keeps those whose signature is right, and counts the others. */
export class WebhookReceiver {
  readonly received: Received[] = []
  wronglySigned = 0
  /** Answers 503 so many times. */
  refusals = 0
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, secret: string) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    server.on('request', (incoming, response) => {
      let body = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => {
        body += part
      })
      incoming.on('end', () => {
        const wanted = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
        if (incoming.headers['x-tongping-signature'] !== wanted) this.wronglySigned++
        else if (this.refusals > 0) {
          this.refusals--
          response.statusCode = 503
        } else this.received.push(JSON.parse(body) as Received)
        response.end()
      })
    })
  }

  static async start(secret: string): Promise<WebhookReceiver> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new WebhookReceiver(server, secret)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
