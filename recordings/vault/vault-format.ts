import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** The layout of a `.tpv` file; recordings/README.md describes it for strangers. All integers are big-endian. */
export const VAULT_FORMAT = 'tongping-vault/1'
export const VAULT_MAGIC = Buffer.from('TPVAULT1', 'latin1')
export const VAULT_SUFFIX = '.tpv'
export const CHUNK_BYTES = 64 * 1024
export const TAG_BYTES = 16
export const DATA_KEY_BYTES = 32
export const SALT_BYTES = 16
/** magic, u32 chunk bytes, u16 length of the call's id, u16 length of the path, salt; the id and the path follow. */
export const FIXED_HEAD_BYTES = 8 + 4 + 2 + 2 + SALT_BYTES
const MAX_NAME_BYTES = 1024

/** What a `.tpv` file says of itself, in plain; every chunk is bound to it. */
export type VaultHead = {
  readonly callId: string
  readonly path: string
  readonly salt: Buffer
  readonly chunkBytes: number
  /** The very bytes: they are authenticated with every chunk. */
  readonly raw: Buffer
}

/** The bytes of a stored file cannot be what the vault wrote. `chunk` is undefined when it is the head. */
export class VaultDamage extends Error {
  override name = 'VaultDamage'
  readonly path: string
  readonly chunk: number | undefined
  readonly #headBytes: number
  constructor(path: string, chunk: number | undefined, headBytes = 0) {
    super(chunk === undefined ? `${path}: the head is damaged` : `${path}: chunk ${chunk} is damaged`)
    this.path = path
    this.chunk = chunk
    this.#headBytes = headBytes
  }

  /** Where the chunk lies in the stored file. */
  get place() {
    const firstChunk = this.chunk ?? 0
    const fromByte = this.#headBytes + firstChunk * (CHUNK_BYTES + TAG_BYTES)
    return { firstChunk, lastChunk: firstChunk, fromByte, toByte: fromByte + CHUNK_BYTES + TAG_BYTES }
  }
}

export function makeHead(callId: string, path: string, salt = randomBytes(SALT_BYTES)): VaultHead {
  const id = Buffer.from(callId)
  const name = Buffer.from(path)
  const fixed = Buffer.alloc(FIXED_HEAD_BYTES)
  VAULT_MAGIC.copy(fixed)
  fixed.writeUInt32BE(CHUNK_BYTES, 8)
  fixed.writeUInt16BE(id.length, 12)
  fixed.writeUInt16BE(name.length, 14)
  salt.copy(fixed, 16)
  return { callId, path, salt, chunkBytes: CHUNK_BYTES, raw: Buffer.concat([fixed, id, name]) }
}

/** Undefined when the bytes do not begin like a stored file of this version. `bytes` must hold at least the head. */
export function readHead(bytes: Buffer): VaultHead | undefined {
  if (bytes.length < FIXED_HEAD_BYTES || !bytes.subarray(0, 8).equals(VAULT_MAGIC)) return undefined
  const idBytes = bytes.readUInt16BE(12)
  const pathBytes = bytes.readUInt16BE(14)
  const end = FIXED_HEAD_BYTES + idBytes + pathBytes
  if (idBytes + pathBytes > MAX_NAME_BYTES || end > bytes.length) return undefined
  const chunkBytes = bytes.readUInt32BE(8)
  if (chunkBytes !== CHUNK_BYTES) return undefined
  return {
    chunkBytes,
    salt: Buffer.from(bytes.subarray(16, FIXED_HEAD_BYTES)),
    callId: bytes.toString('utf8', FIXED_HEAD_BYTES, FIXED_HEAD_BYTES + idBytes),
    path: bytes.toString('utf8', FIXED_HEAD_BYTES + idBytes, end),
    raw: Buffer.from(bytes.subarray(0, end)),
  }
}

/** The longest a head can be: reading so many bytes is always enough. */
export const MAX_HEAD_BYTES = FIXED_HEAD_BYTES + MAX_NAME_BYTES

/** How the chunks of a stored file lie. Every file has at least one chunk; only a sole one may be empty. */
export type ChunkLayout = { readonly chunks: number; readonly plainBytes: number }

/** Undefined when no file can be so long. */
export function layoutOf(storedBytes: number, headBytes: number): ChunkLayout | undefined {
  const body = storedBytes - headBytes
  const chunks = Math.ceil(body / (CHUNK_BYTES + TAG_BYTES))
  const last = body - (chunks - 1) * (CHUNK_BYTES + TAG_BYTES)
  if (body < TAG_BYTES || last < TAG_BYTES || (last === TAG_BYTES && chunks > 1)) return undefined
  return { chunks, plainBytes: body - chunks * TAG_BYTES }
}

/** Length of the stored file of so many plain bytes. */
export function storedLength(plainBytes: number, headBytes: number): number {
  return headBytes + plainBytes + Math.max(1, Math.ceil(plainBytes / CHUNK_BYTES)) * TAG_BYTES
}

/** The key of one file: another salt gives another key, so no nonce is ever used twice, also when a file is made anew. */
export function fileKey(dataKey: Buffer, head: VaultHead): Buffer {
  const info = Buffer.from(`${VAULT_FORMAT} file\0${head.callId}\0${head.path}`)
  return Buffer.from(hkdfSync('sha256', dataKey, head.salt, info, 32))
}

/** STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the place of a chunk and whether it is the last are its nonce. */
function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(index, 7)
  nonce[11] = last ? 1 : 0
  return nonce
}

export function encryptChunk(key: Buffer, head: VaultHead, index: number, last: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, last))
  cipher.setAAD(head.raw)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws VaultDamage */
export function decryptChunk(key: Buffer, head: VaultHead, index: number, last: boolean, stored: Buffer): Buffer {
  if (stored.length < TAG_BYTES) throw new VaultDamage(head.path, index, head.raw.length)
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, last), { authTagLength: TAG_BYTES })
  decipher.setAAD(head.raw)
  decipher.setAuthTag(stored.subarray(stored.length - TAG_BYTES))
  const plain = decipher.update(stored.subarray(0, stored.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    throw new VaultDamage(head.path, index, head.raw.length)
  }
  return plain
}
