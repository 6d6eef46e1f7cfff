import { type KeyWrapper, VaultKeyError, type WrappedKey } from './key-wrapper.ts'

const PREFIX = 'kms:'
const TIMEOUT_MS = 5000
const MAX_ANSWER_BYTES = 16 * 1024

/**
 * A master key that an external key service keeps: it wraps and unwraps over HTTP and never gives the key away.
 * docs/deployment.md describes the protocol, so that a small adapter can stand before any KMS or HSM.
 */
export class KmsKey implements KeyWrapper {
  readonly #url: string
  readonly #token: string
  readonly #timeoutMs: number

  constructor(o: { readonly url: string; readonly token: string; readonly timeoutMs?: number }) {
    this.#url = o.url.replace(/\/+$/, '')
    this.#token = o.token
    this.#timeoutMs = o.timeoutMs ?? TIMEOUT_MS
  }

  async currentId(): Promise<string> {
    return `${PREFIX}${textOf(await this.#ask('key'), 'keyId')}`
  }

  knows(masterKeyId: string): boolean {
    return masterKeyId.startsWith(PREFIX)
  }

  async wrap(dataKey: Buffer, context: string): Promise<WrappedKey> {
    const answer = await this.#ask('wrap', { context, plaintext: dataKey.toString('base64') })
    return { masterKeyId: `${PREFIX}${textOf(answer, 'keyId')}`, wrapped: textOf(answer, 'ciphertext') }
  }

  async unwrap({ masterKeyId, wrapped }: WrappedKey, context: string): Promise<Buffer> {
    const keyId = masterKeyId.slice(PREFIX.length)
    const answer = await this.#ask('unwrap', { keyId, context, ciphertext: wrapped })
    return Buffer.from(textOf(answer, 'plaintext'), 'base64')
  }

  async #ask(what: 'key' | 'wrap' | 'unwrap', body?: object): Promise<unknown> {
    let status: number
    let text: string
    try {
      const response = await fetch(`${this.#url}/v1/${what}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      throw new VaultKeyError('unavailable', 'the key service does not answer', { cause })
    }
    // 4xx to unwrap: it answers, but will not open this key. Everything else may be different later.
    if (what === 'unwrap' && [400, 403, 404, 422].includes(status))
      throw new VaultKeyError('wrong-key', `the key service will not open this key (${status})`)
    if (status !== 200 || text.length > MAX_ANSWER_BYTES)
      throw new VaultKeyError('unavailable', `the key service answers ${status}`)
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new VaultKeyError('unavailable', 'the key service answers no JSON', { cause })
    }
  }
}

function textOf(answer: unknown, member: string): string {
  const value = typeof answer === 'object' && answer !== null ? Reflect.get(answer, member) : undefined
  if (typeof value !== 'string' || value === '')
    throw new VaultKeyError('unavailable', `the key service answers without ${member}`)
  return value
}
