import type { Readable } from 'node:stream'
import { LocalFolder } from '../store/local-folder.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import type { ByteSource, SyncByteSource } from './byte-source.ts'
import type { CallFile, CallFiles } from './call-files.ts'
import { readAll, streamOf } from './read-source.ts'
import { assertDerivedPath, assertSafePath, isSafePath } from './safe-path.ts'

/** The files of a call as the recorder left them: plain files. */
export class PlainCallFiles implements CallFiles {
  readonly #stored: StoredFolder
  constructor(folder: string | StoredFolder) {
    this.#stored = typeof folder === 'string' ? new LocalFolder(folder) : folder
  }

  async list(): Promise<readonly CallFile[]> {
    const files = await this.#stored.list()
    return files.filter(({ name }) => isSafePath(name)).map(({ name, bytes }) => ({ path: name, bytes }))
  }

  async strangers(): Promise<readonly string[]> {
    return (await this.#stored.list()).map(({ name }) => name).filter(name => !isSafePath(name))
  }

  has(path: string): Promise<boolean> {
    return this.#stored.has(path)
  }

  async open(path: string): Promise<ByteSource> {
    assertSafePath(path)
    return this.#stored.open(path)
  }

  async read(path: string): Promise<Buffer> {
    return readAll(await this.open(path))
  }

  async stream(path: string, range?: { from: number; to: number }): Promise<Readable> {
    return streamOf(await this.open(path), range)
  }

  openSync(path: string): SyncByteSource {
    assertSafePath(path)
    if (this.#stored.openSync === undefined) throw new Error('the bytes of this record are not on this machine')
    return this.#stored.openSync(path)
  }

  async put(path: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    assertDerivedPath(path)
    return this.#stored.put(path, pieces)
  }

  async remove(path: string): Promise<void> {
    assertDerivedPath(path)
    await this.#stored.remove(path)
  }
}
