import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { DERIVED_FOLDER, LOCK_FILE, syncFolder } from '../archive/durable-file.ts'
import { type ByteSource, FileSource, type SyncByteSource, SyncFileSource } from './byte-source.ts'
import { type CallFile, type CallFiles, NoSuchFile } from './call-files.ts'

/** A relative path of plain names below the call's folder. */
const SAFE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/

/** @throws NoSuchFile for a path that could lead out of a call's folder, or to hidden and temporary files */
export function assertSafePath(path: string): void {
  if (!SAFE.test(path) || path === LOCK_FILE) throw new NoSuchFile('no such file in this record')
}

/** @throws Error for a path outside `derived/`: evidence is never written a second time */
export function assertDerivedPath(path: string): void {
  assertSafePath(path)
  if (!path.startsWith(`${DERIVED_FOLDER}/`)) throw new Error('only derivatives may be written')
}

/** The files of a call as the recorder left them: a folder of plain files. */
export class PlainCallFiles implements CallFiles {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  async list(): Promise<readonly CallFile[]> {
    const files: CallFile[] = []
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join('/')
      if (!SAFE.test(path) || path === LOCK_FILE) continue
      files.push({ path, bytes: (await stat(join(this.#folder, path))).size })
    }
    return files.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async has(path: string): Promise<boolean> {
    return SAFE.test(path) && path !== LOCK_FILE && existsSync(join(this.#folder, path))
  }

  async open(path: string): Promise<ByteSource> {
    return this.#or(path, () => FileSource.open(this.#at(path)))
  }

  async read(path: string): Promise<Buffer> {
    return this.#or(path, () => readFile(this.#at(path)))
  }

  async stream(path: string, range?: { from: number; to: number }): Promise<Readable> {
    if (!(await this.has(path))) throw new NoSuchFile('no such file in this record')
    return createReadStream(this.#at(path), range && { start: range.from, end: range.to - 1 })
  }

  openSync(path: string): SyncByteSource {
    assertSafePath(path)
    if (!existsSync(this.#at(path))) throw new NoSuchFile('no such file in this record')
    return new SyncFileSource(this.#at(path))
  }

  async put(path: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    assertDerivedPath(path)
    const target = this.#at(path)
    await mkdir(dirname(target), { recursive: true, mode: 0o750 })
    const temporary = join(dirname(target), `.tmp-${randomBytes(8).toString('hex')}`)
    const hash = createHash('sha256')
    let bytes = 0
    try {
      const handle = await open(temporary, 'wx', 0o640)
      try {
        for await (const piece of pieces) {
          hash.update(piece)
          bytes += piece.length
          await handle.writeFile(piece)
        }
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, target)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(target))
    return { sha256: hash.digest('hex'), bytes }
  }

  async remove(path: string): Promise<void> {
    assertDerivedPath(path)
    await rm(this.#at(path), { force: true })
  }

  #at(path: string): string {
    assertSafePath(path)
    return join(this.#folder, path)
  }

  async #or<T>(path: string, run: () => Promise<T>): Promise<T> {
    assertSafePath(path)
    try {
      return await run()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NoSuchFile('no such file in this record')
      throw error
    }
  }
}
