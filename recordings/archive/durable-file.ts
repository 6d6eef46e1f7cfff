import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

export const LOCK_FILE = 'call.lock'
export const MANIFEST_FILE = 'manifest.json'
/** Derivatives (mixed, transcoded, muxed) live here, outside the signed manifest. */
export const DERIVED_FOLDER = 'derived'
/** A file that is still being written. */
export const TEMPORARY = /(^|\/)\.tmp-[0-9a-f]+$/

/** Makes names in a folder durable: a rename survives a power cut only after its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Temporary name, write, fsync, rename, fsync of the folder: readers see the whole file or none. */
export async function writeDurably(path: string, bytes: Uint8Array, mode = 0o640): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${randomBytes(8).toString('hex')}`)
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** SHA-256 (hex) and size, read in pieces. */
export async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/**
 * The files that are evidence: everything in the folder but the manifest, the lock and `derived/`. Paths are relative,
 * with forward slashes, sorted. Anything that is not a plain file (a link, a socket) is listed too: it must be noticed.
 */
export async function evidenceFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (path === MANIFEST_FILE || path === LOCK_FILE || path.startsWith(`${DERIVED_FOLDER}/`)) continue
    found.push(path)
  }
  return found.sort()
}

/** Removes what a crash left behind between a temporary name and its rename. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const path of await evidenceFiles(folder)) if (TEMPORARY.test(path)) await rm(join(folder, path))
}
