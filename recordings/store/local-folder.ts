import { createHash, randomBytes } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LOCK_FILE, syncFolder, TEMPORARY } from '../archive/durable-file.ts'
import { type ByteSource, FileSource, type SyncByteSource, SyncFileSource } from '../vault/byte-source.ts'
import { NoSuchFile } from '../vault/call-files.ts'
import { isSafePath } from '../vault/safe-path.ts'
import type { StoredFile, StoredFolder } from './stored-folder.ts'

/** A call's folder on a disk of this machine. */
export class LocalFolder implements StoredFolder {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  /** Links and other things that are no plain files are listed too: they must be noticed. They cannot be opened. */
  async list(): Promise<readonly StoredFile[]> {
    const files: StoredFile[] = []
    for (const name of await namesBelow(this.path)) {
      if (name === LOCK_FILE || TEMPORARY.test(name)) continue
      // It may have been replaced or removed since it was listed.
      const stat = await lstat(join(this.path, name)).catch(() => undefined)
      if (stat !== undefined) files.push({ name, bytes: stat.size })
    }
    return files.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async has(name: string): Promise<boolean> {
    return isSafePath(name) && existsSync(join(this.path, name))
  }

  async open(name: string): Promise<ByteSource> {
    return FileSource.open(this.#plainFile(name))
  }

  openSync(name: string): SyncByteSource {
    return new SyncFileSource(this.#plainFile(name))
  }

  async put(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    const target = this.#at(name)
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

  async remove(name: string): Promise<void> {
    await rm(this.#at(name), { force: true })
  }

  #at(name: string): string {
    if (!isSafePath(name)) throw new NoSuchFile('no such file in this record')
    return join(this.path, name)
  }

  /** A link could show the file of another call, or of nobody. */
  #plainFile(name: string): string {
    const path = this.#at(name)
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new NoSuchFile('no such file in this record')
    return path
  }
}

/** Everything but folders. Not `readdir`'s own recursion: the offline verifier runs on older Nodes too. */
async function namesBelow(root: string, folder = ''): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const names: string[] = []
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) names.push(...(await namesBelow(root, name)))
    else names.push(name)
  }
  return names
}
