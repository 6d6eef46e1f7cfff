import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../archive/durable-file.ts'

const PRIVATE_FILE = 'seal-key.pem'
const PUBLIC_FILE = 'seal-key.pub.pem'

/** The Ed25519 key that signs manifests. The public half lies beside it, to be handed to whoever verifies. */
export class SealKey {
  readonly keyId: string
  readonly publicKeyPem: string
  readonly #private: KeyObject

  private constructor(privateKey: KeyObject) {
    const publicKey = createPublicKey(privateKey)
    this.#private = privateKey
    this.publicKeyPem = pemOf(publicKey)
    this.keyId = keyIdOf(publicKey)
  }

  /**
   * Loads `seal-key.pem` from the folder or makes one (mode 0600).
   * @throws Error when the file is no Ed25519 key or others may read it.
   */
  static async loadOrCreate(folder: string): Promise<SealKey> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, PRIVATE_FILE)
    const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    if (pem !== undefined) {
      if (((await stat(path)).mode & 0o077) !== 0) throw new Error(`${path} is readable by others; chmod 600 it`)
      const key = createPrivateKey(pem)
      if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is not an Ed25519 key`)
      return new SealKey(key)
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    const made = new SealKey(privateKey)
    await writeDurably(path, Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600)
    await writeDurably(join(folder, PUBLIC_FILE), Buffer.from(made.publicKeyPem), 0o644)
    return made
  }

  /** Base64 of the Ed25519 signature (RFC 8032) over the UTF-8 bytes of `text`. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#private).toString('base64')
  }
}

/** First 16 hex digits of the SHA-256 of the SPKI DER. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
}

export function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

/** @throws Error when the text is no Ed25519 public key. */
export function publicKeyFromPem(pem: string): KeyObject {
  const key = createPublicKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
  return key
}

/** Strict: the signature must be exactly what our own base64 encoder would write. */
export function isSignedBy(publicKey: KeyObject, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  return bytes.toString('base64') === signature && verify(null, Buffer.from(text), publicKey, bytes)
}
