/** IVF, the plainest container of VP8 frames: 32 bytes of file header, 12 before each frame. Pure, for pipes to ffmpeg. */
const FILE_HEADER = 32
const FRAME_HEADER = 12

export function ivfHeader(widthPx: number, heightPx: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER)
  header.write('DKIF', 0, 'latin1')
  header.writeUInt16LE(FILE_HEADER, 6)
  header.write('VP80', 8, 'latin1')
  header.writeUInt16LE(widthPx, 12)
  header.writeUInt16LE(heightPx, 14)
  header.writeUInt32LE(30, 16)
  header.writeUInt32LE(1, 20)
  return header
}

export function ivfFrame(bytes: Buffer, number: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER)
  header.writeUInt32LE(bytes.length, 0)
  header.writeUInt32LE(number, 4)
  return Buffer.concat([header, bytes])
}

/** The frames of an IVF file that comes in pieces. @throws Error when it ends inside a frame */
export async function* ivfFrames(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let begun = false
  for await (const piece of pieces) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    if (!begun) {
      if (rest.length < FILE_HEADER) continue
      rest = rest.subarray(FILE_HEADER)
      begun = true
    }
    while (rest.length >= FRAME_HEADER) {
      const end = FRAME_HEADER + rest.readUInt32LE(0)
      if (rest.length < end) break
      yield rest.subarray(FRAME_HEADER, end)
      rest = rest.subarray(end)
    }
  }
  if (rest.length > 0) throw new Error('the film ends inside a frame')
}

/** Pieces of exactly `bytes` bytes: raw pictures out of a pipe. @throws Error when the last one is cut off */
export async function* chunksOf(pieces: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  for await (const piece of pieces) {
    held.push(piece)
    length += piece.length
    if (length < bytes) continue
    let all = Buffer.concat(held)
    for (; all.length >= bytes; all = all.subarray(bytes)) yield Buffer.from(all.subarray(0, bytes))
    held = [all]
    length = all.length
  }
  if (length > 0) throw new Error('a raw picture was cut off')
}
