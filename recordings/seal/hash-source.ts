import { createHash } from 'node:crypto'
import type { ByteSource } from '../vault/byte-source.ts'

const PIECE_BYTES = 256 * 1024

/** SHA-256 (hex) of all bytes of the source, which stays open. */
export async function hashSource(source: ByteSource): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < source.bytes; ) {
    const piece = await source.read(at, PIECE_BYTES)
    if (piece.length === 0) break
    hash.update(piece)
    at += piece.length
  }
  return hash.digest('hex')
}
