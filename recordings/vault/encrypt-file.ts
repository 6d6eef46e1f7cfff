import { CHUNK_BYTES, encryptChunk, fileKey, makeHead } from './vault-format.ts'

export type FileOfCall = { readonly callId: string; readonly path: string; readonly dataKey: Buffer }

/** The stored form of a file, piece by piece: its head, then its chunks. */
export async function* encryptFile(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { callId, path, dataKey }: FileOfCall,
): AsyncGenerator<Buffer> {
  const head = makeHead(callId, path)
  const key = fileKey(dataKey, head)
  yield head.raw
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let filled = 0
  let index = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      // Only when more comes is it known that a full chunk is not the last.
      if (filled === CHUNK_BYTES) {
        yield encryptChunk(key, head, index, false, chunk)
        chunk = Buffer.allocUnsafe(CHUNK_BYTES)
        index += 1
        filled = 0
      }
      const count = Math.min(CHUNK_BYTES - filled, piece.length - at)
      chunk.set(piece.subarray(at, at + count), filled)
      filled += count
      at += count
    }
  }
  yield encryptChunk(key, head, index, true, chunk.subarray(0, filled))
}
