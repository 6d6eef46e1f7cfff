import { Readable } from 'node:stream'
import type { ByteSource } from './byte-source.ts'

const PIECE_BYTES = 256 * 1024

/** The whole source; it is closed. */
export async function readAll(source: ByteSource): Promise<Buffer> {
  try {
    return await source.read(0, source.bytes)
  } finally {
    await source.close()
  }
}

/** The bytes from `from` to `to` (exclusive) in pieces; the source is closed at the end, whatever the end is. */
export async function* piecesOf(source: ByteSource, from = 0, to = source.bytes): AsyncGenerator<Buffer> {
  try {
    for (let at = from; at < Math.min(to, source.bytes); ) {
      const piece = await source.read(at, Math.min(PIECE_BYTES, to - at))
      if (piece.length === 0) return
      at += piece.length
      yield piece
    }
  } finally {
    await source.close()
  }
}

/** The same as a stream; the source is closed with it. */
export function streamOf(source: ByteSource, range?: { from: number; to: number }): Readable {
  let begun = false
  const pieces = async function* () {
    begun = true
    yield* piecesOf(source, range?.from, range?.to)
  }
  const stream = Readable.from(pieces(), { objectMode: false })
  // A generator that was never begun runs no `finally`.
  stream.once('close', () => {
    if (!begun) void source.close()
  })
  return stream
}
