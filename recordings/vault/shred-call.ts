import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../archive/durable-file.ts'
import { LocalFolder } from '../store/local-folder.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import { goneFolder } from './conversion.ts'
import { KEY_FILE } from './vault-names.ts'

/**
 * Destroys a call: its key first, after which every copy of its encrypted bytes, wherever one may lie, is noise; then its
 * files. May be run again after a crash. On a local disk the key is overwritten before it is unlinked (journalling file
 * systems and flash may keep old blocks: what was wrapped there still needs the master key).
 * @returns how many files went
 */
export async function shredCall(folder: StoredFolder): Promise<number> {
  await shredKey(folder)
  const files = (await folder.list()).filter(({ name }) => name !== KEY_FILE)
  if (folder instanceof LocalFolder) {
    const gone = goneFolder(folder.path)
    await rename(folder.path, gone).catch(ignoreMissing)
    await syncFolder(dirname(folder.path)).catch(ignoreMissing)
    await rm(gone, { recursive: true, force: true })
    await syncFolder(dirname(folder.path)).catch(ignoreMissing)
  } else for (const { name } of files) await folder.remove(name)
  return files.length
}

/** The first half alone: destroys the key. @returns whether there was one */
export async function shredKey(folder: StoredFolder): Promise<boolean> {
  const had = await folder.has(KEY_FILE)
  if (folder instanceof LocalFolder) await overwrite(join(folder.path, KEY_FILE))
  await folder.remove(KEY_FILE)
  if (folder instanceof LocalFolder) await syncFolder(folder.path).catch(ignoreMissing)
  return had
}

async function overwrite(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch(ignoreMissing)
  if (handle === undefined) return
  try {
    const { size } = await handle.stat()
    await handle.write(randomBytes(size), 0, size, 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
