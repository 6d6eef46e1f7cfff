import { request } from 'node:https'
import type { TestServer } from './app.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test looks into replies of any shape
export type Reply = { readonly status: number; readonly body: any }

/** Another system, as it speaks to our REST interface. */
export class Integration {
  readonly #server: TestServer
  readonly #authorization: string | undefined

  constructor(server: TestServer, authorization: string | undefined) {
    this.#server = server
    this.#authorization = authorization
  }

  post(path: string, body: object = {}): Promise<Reply> {
    return this.#send('POST', path, JSON.stringify(body))
  }

  get(path: string): Promise<Reply> {
    return this.#send('GET', path)
  }

  #send(method: string, path: string, body?: string): Promise<Reply> {
    const headers = {
      ...(this.#authorization !== undefined && { authorization: this.#authorization }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#server.url}${path}`, { method, headers, rejectUnauthorized: false }, response => {
        response.setEncoding('utf8')
        let text = ''
        response.on('data', (part: string) => {
          text += part
        })
        response.on('end', () => {
          const status = response.statusCode ?? 0
          try {
            resolve({ status, body: text === '' ? undefined : JSON.parse(text) })
          } catch (error) {
            reject(error)
          }
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
