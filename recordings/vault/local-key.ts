import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeDurably } from '../archive/durable-file.ts'
import { type KeyWrapper, VaultKeyError, type WrappedKey } from './key-wrapper.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A master key held by this process: from a file or from the environment. */
export class LocalKey implements KeyWrapper {
  readonly id: string
  readonly #key: Buffer

  private constructor(key: Buffer) {
    this.#key = key
    this.id = `local:${createHash('sha256').update('tongping master key id\0').update(key).digest('hex').slice(0, 16)}`
  }

  /** @throws Error when the text is not the base64 of 32 bytes; the text is never part of the message */
  static fromText(text: string): LocalKey {
    const key = Buffer.from(text.trim(), 'base64')
    if (key.length !== KEY_BYTES || key.toString('base64').replace(/=+$/, '') !== text.trim().replace(/=+$/, ''))
      throw new Error('a master key is the base64 of 32 bytes; make one with: openssl rand -base64 32')
    return new LocalKey(key)
  }

  /** @throws Error when the file is missing, readable by others, or no key */
  static async fromFile(path: string): Promise<LocalKey> {
    const text = await readFile(path, 'utf8')
    if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`${path} is readable by others; chmod 600 it`)
    try {
      return LocalKey.fromText(text)
    } catch (cause) {
      throw new Error(`${path} holds no master key`, { cause })
    }
  }

  /** The same, making the file (mode 0600) when there is none. `made` tells the owner to back it up. */
  static async loadOrCreate(path: string): Promise<{ key: LocalKey; made: boolean }> {
    try {
      return { key: await LocalKey.fromFile(path), made: false }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeDurably(path, Buffer.from(`${randomBytes(KEY_BYTES).toString('base64')}\n`), 0o600)
    return { key: await LocalKey.fromFile(path), made: true }
  }

  async currentId(): Promise<string> {
    return this.id
  }

  knows(masterKeyId: string): boolean {
    return masterKeyId === this.id
  }

  async wrap(dataKey: Buffer, context: string): Promise<WrappedKey> {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    cipher.setAAD(Buffer.from(context))
    const parts = [nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]
    return { masterKeyId: this.id, wrapped: Buffer.concat(parts).toString('base64') }
  }

  async unwrap({ wrapped }: WrappedKey, context: string): Promise<Buffer> {
    try {
      const bytes = Buffer.from(wrapped, 'base64')
      const end = bytes.length - TAG_BYTES
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(end))
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()])
    } catch (cause) {
      throw new VaultKeyError('wrong-key', 'the wrapped key does not open', { cause })
    }
  }
}
