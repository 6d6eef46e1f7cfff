import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isFolderInUse, lockFolder } from '../archive/folder-lock.ts'

const PREFIX = 'tp-'

/**
 * Where plain bytes of records may lie for as long as a job lasts: readable for this user only, emptied at the start and
 * after each job. Several processes may share the place; each empties only what dead ones left.
 */
export class WorkFolder {
  readonly #own: string

  private constructor(own: string) {
    this.#own = own
  }

  /** @throws the file system's error */
  static async open(root: string): Promise<WorkFolder> {
    await mkdir(root, { recursive: true, mode: 0o700 })
    for (const name of (await readdir(root)).filter(name => name.startsWith(PREFIX))) {
      if (!isFolderInUse(join(root, name))) await rm(join(root, name), { recursive: true, force: true })
    }
    const own = join(root, `${PREFIX}${randomBytes(8).toString('hex')}`)
    await mkdir(own, { mode: 0o700 })
    // The mode of mkdir is cut by the umask, never widened; a folder that was there before may be open to others.
    await chmod(own, 0o700)
    lockFolder(own)
    return new WorkFolder(own)
  }

  /** Runs a job in a folder of its own that is gone afterwards, however the job ended. */
  async with<T>(run: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.#own, randomBytes(8).toString('hex'))
    await mkdir(folder, { mode: 0o700 })
    try {
      return await run(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Idempotent; jobs must have ended. */
  async close(): Promise<void> {
    await rm(this.#own, { recursive: true, force: true })
  }
}
