import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../archive/durable-file.ts'
import { digestHash, readDigest, type SignedDigest } from './daily-digest.ts'

const FILE = /^(\d{4}-\d{2}-\d{2})\.json$/

export type KeptDigest = {
  readonly day: string
  readonly bytes: Buffer
  readonly sha256: string
  /** Undefined when the bytes are not a digest with a fitting signature. */
  readonly digest: SignedDigest | undefined
  /** The time stamp's response, when there is one. */
  readonly stamp: Buffer | undefined
}

/** Something else already stands under this name: a digest is never written twice. */
export class DigestTaken extends Error {
  override name = 'DigestTaken'
}

/** A folder of daily digests: the server's own, or a published copy of it. Files are added, never replaced. */
export class DigestFolder {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  /** Oldest first; none when there is no such folder. @throws the file system's error for any other trouble */
  async days(): Promise<string[]> {
    const names = await readdir(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return names.flatMap(name => FILE.exec(name)?.[1] ?? []).sort()
  }

  async read(day: string): Promise<KeptDigest | undefined> {
    const bytes = await orUndefined(readFile(join(this.path, `${day}.json`)))
    if (!bytes) return undefined
    const digest = readDigest(bytes)
    return {
      day,
      bytes,
      sha256: digestHash(bytes),
      digest: digest?.day === day ? digest : undefined,
      stamp: await orUndefined(readFile(join(this.path, `${day}.tsr`))),
    }
  }

  async all(): Promise<KeptDigest[]> {
    const kept: KeptDigest[] = []
    for (const day of await this.days()) {
      const one = await this.read(day)
      if (one) kept.push(one)
    }
    return kept
  }

  /** @throws DigestTaken when other bytes stand there. The same bytes again are fine. */
  async put(day: string, bytes: Uint8Array): Promise<void> {
    await this.#put(`${day}.json`, bytes)
  }

  /** @throws DigestTaken */
  async putStamp(day: string, response: Uint8Array): Promise<void> {
    await this.#put(`${day}.tsr`, response)
  }

  /** Without a temporary name: stores that write once do not rename. */
  async #put(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o750 })
    const path = join(this.path, name)
    try {
      const handle = await open(path, 'wx', 0o640)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await syncFolder(this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const found = await readFile(path)
      if (!found.equals(bytes)) throw new DigestTaken(`another ${name} stands there already`)
    }
  }
}

async function orUndefined(reading: Promise<Buffer>): Promise<Buffer | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
