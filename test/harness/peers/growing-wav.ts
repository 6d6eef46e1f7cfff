import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where samples begin in the plain WAV files that libsndfile writes. */
const HEADER_BYTES = 44

/**
 * The newest samples (16 bit, one channel) of a WAV file that is still being written: its header does not know the length yet.
 * Newest of several files of one ending, because a peer begins a new one after every hold.
 */
export class GrowingWav {
  readonly #folder: string
  readonly #ending: string

  constructor(folder: string, ending: string) {
    this.#folder = folder
    this.#ending = ending
  }

  async newest(lastMs: number): Promise<{ samples: Int16Array; sampleRateHz: number; writtenMs: number } | undefined> {
    const file = await this.#newestFile()
    if (!file) return undefined
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      const header = Buffer.alloc(HEADER_BYTES)
      if (size <= HEADER_BYTES) return undefined
      await handle.read(header, 0, HEADER_BYTES, 0)
      const channels = header.readUInt16LE(22)
      const sampleRateHz = header.readUInt32LE(24)
      const frameBytes = 2 * channels
      const frames = Math.floor((size - HEADER_BYTES) / frameBytes)
      const wanted = Math.min(frames, Math.round((lastMs * sampleRateHz) / 1000))
      const bytes = Buffer.alloc(wanted * frameBytes)
      await handle.read(bytes, 0, bytes.length, HEADER_BYTES + (frames - wanted) * frameBytes)
      const samples = Int16Array.from({ length: wanted }, (_, index) => bytes.readInt16LE(index * frameBytes))
      return { samples, sampleRateHz, writtenMs: (frames * 1000) / sampleRateHz }
    } finally {
      await handle.close()
    }
  }

  async #newestFile(): Promise<string | undefined> {
    let newest: { file: string; atMs: number } | undefined
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith(this.#ending)) continue
      const file = join(this.#folder, name)
      const { birthtimeMs } = await stat(file)
      if (!newest || birthtimeMs >= newest.atMs) newest = { file, atMs: birthtimeMs }
    }
    return newest?.file
  }
}
