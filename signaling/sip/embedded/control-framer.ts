/** Far above the 12 kB at which drachtio-server falls silent; SDP and MIME bodies of today pass. */
export const maxFrameBytes = 1024 * 1024

export class ControlFramingError extends Error {
  override readonly name = 'ControlFramingError'
}

/** Cuts a control stream into frames: decimal byte length, `#`, that many bytes. */
export class ControlFramer {
  #chunks: Buffer[] = []
  #bufferedBytes = 0
  #frameBytes: number | undefined
  #lengthText = '';

  /**
   * Takes bytes as TCP cut them and yields the frames that are complete. The limit is asked anew for each frame, because the
   * first one may be what lets the peer send more.
   * @throws ControlFramingError when a length is not a number, is zero, or exceeds the limit.
   */
  *push(chunk: Buffer, limitBytes: () => number = () => maxFrameBytes): Generator<Buffer, void> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#frameBytes === undefined) {
        rest = this.#readLength(rest, limitBytes())
        continue
      }
      const missing = this.#frameBytes - this.#bufferedBytes
      const part = rest.subarray(0, missing)
      this.#chunks.push(part)
      this.#bufferedBytes += part.length
      rest = rest.subarray(part.length)
      if (this.#bufferedBytes < this.#frameBytes) continue
      const frame = this.#chunks.length === 1 ? part : Buffer.concat(this.#chunks)
      this.#chunks = []
      this.#bufferedBytes = 0
      this.#frameBytes = undefined
      yield frame
    }
  }

  #readLength(bytes: Buffer, limitBytes: number): Buffer {
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0
      if (byte === 0x23) {
        const length = Number(this.#lengthText)
        if (this.#lengthText === '' || length === 0 || length > limitBytes) {
          throw new ControlFramingError('frame length is missing, zero or too large')
        }
        this.#lengthText = ''
        this.#frameBytes = length
        return bytes.subarray(index + 1)
      }
      if (byte < 0x30 || byte > 0x39) throw new ControlFramingError('a frame must begin with its length')
      this.#lengthText += String.fromCharCode(byte)
      if (this.#lengthText.length > 12) throw new ControlFramingError('frame length has too many digits')
    }
    return Buffer.alloc(0)
  }
}

/** A message as one frame. */
export function encodeFrame(head: string, message?: Buffer): Buffer {
  const headBytes = Buffer.from(message === undefined ? head : `${head}\r\n`, 'utf8')
  const length = headBytes.length + (message?.length ?? 0)
  const parts = [Buffer.from(`${length}#`, 'latin1'), headBytes]
  return Buffer.concat(message === undefined ? parts : [...parts, message])
}
