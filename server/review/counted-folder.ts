import type { StoredFile, StoredFolder } from '../../recordings/store/stored-folder.ts'
import type { ByteSource } from '../../recordings/vault/byte-source.ts'

/** The same folder, telling how many bytes were read of it: the progress of whoever reads all of them. */
export class CountedFolder implements StoredFolder {
  readonly #folder: StoredFolder
  readonly #read: (bytes: number) => void

  constructor(folder: StoredFolder, read: (bytes: number) => void) {
    this.#folder = folder
    this.#read = read
  }

  async open(name: string): Promise<ByteSource> {
    const source = await this.#folder.open(name)
    return {
      bytes: source.bytes,
      read: async (from, bytes) => {
        const piece = await source.read(from, bytes)
        this.#read(piece.length)
        return piece
      },
      close: () => source.close(),
    }
  }

  list(): Promise<readonly StoredFile[]> {
    return this.#folder.list()
  }
  has(name: string): Promise<boolean> {
    return this.#folder.has(name)
  }
  put(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    return this.#folder.put(name, pieces)
  }
  remove(name: string): Promise<void> {
    return this.#folder.remove(name)
  }
}
