import { request } from 'node:https'
import type { ExternalState } from '../../server/external/external-state.ts'
import type { TestServer } from './app.ts'

/** What our REST interface said of a call. */
export class Reply {
  readonly status: number
  readonly #said: unknown

  /** @throws SyntaxError when it is not JSON */
  constructor(status: number, text: string) {
    this.status = status
    this.#said = text === '' ? undefined : JSON.parse(text)
  }

  /** @throws Error when the request was refused */
  get body(): ExternalState {
    if (this.status !== 200) throw new Error(`refused: ${this.status} ${JSON.stringify(this.#said)}`)
    return this.#said as ExternalState
  }

  /** The visual assist code. @throws Error where there is none */
  get code(): NonNullable<ExternalState['code']> {
    const { code } = this.body
    if (code === undefined) throw new Error('this call has no code')
    return code
  }
}

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
          try {
            resolve(new Reply(response.statusCode ?? 0, text))
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
