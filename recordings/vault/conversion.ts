import { existsSync } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../archive/durable-file.ts'
import { LocalFolder } from '../store/local-folder.ts'

const HALF_MADE = /^\.(call_[0-9a-z]{20})\.(vault|plain)$/
const GONE = /^\.call_[0-9a-z]{20}\.gone$/

/** Where the encrypted form grows, beside the plain one: neither recovery nor readers look there. */
export function comingFolder(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.vault`)
}
function goingFolder(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.plain`)
}

/** Where a call lies that is being destroyed: nobody takes its remains for a call to be sealed. */
export function goneFolder(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.gone`)
}

/** Tests cut the power at each of them. */
export type ConversionStep = 'encrypted' | 'listed' | 'checked' | 'plain-aside' | 'vault-in-place' | 'plain-removed'

/**
 * Puts the finished encrypted folder in the place of the plain one. Until its second rename the plain form is the
 * record, and from then on the encrypted one; `finishConversions` brings any state in between to one of both.
 */
export async function swapIn(folder: string, onStep: (step: ConversionStep) => void): Promise<void> {
  const day = dirname(folder)
  await syncFolder(day)
  await rename(folder, goingFolder(folder))
  onStep('plain-aside')
  await rename(comingFolder(folder), folder)
  await syncFolder(day)
  onStep('vault-in-place')
  await rm(goingFolder(folder), { recursive: true, force: true })
  await syncFolder(day)
  onStep('plain-removed')
}

/** Finishes or undoes what a crash left half-made below `root`, half-destroyed calls included. @returns the folders it put right */
export async function finishConversions(root: string): Promise<string[]> {
  const repaired: string[] = []
  for (const day of await readdir(root).catch(() => [])) {
    const names = await readdir(join(root, day)).catch(() => [])
    for (const name of names.filter(name => GONE.test(name))) await rm(join(root, day, name), { recursive: true })
    const calls = new Set(names.flatMap(name => HALF_MADE.exec(name)?.[1] ?? []))
    for (const call of calls) {
      await finish(join(root, day, call))
      repaired.push(join(root, day, call))
    }
  }
  return repaired
}

async function finish(folder: string): Promise<void> {
  const coming = comingFolder(folder)
  const going = goingFolder(folder)
  if (!existsSync(folder)) {
    // Cut between the two renames: the encrypted folder was complete before the first.
    await rename(existsSync(coming) ? coming : going, folder)
    await syncFolder(dirname(folder))
  }
  await rm(coming, { recursive: true, force: true })
  await rm(going, { recursive: true, force: true })
  await syncFolder(dirname(folder))
}

/** Changes when any file of the folder is written, added or removed. */
export async function stateOf(folder: string): Promise<string> {
  const parts: string[] = []
  for (const { name, bytes } of await new LocalFolder(folder).list())
    parts.push(`${name} ${bytes} ${(await lstat(join(folder, name))).mtimeMs}`)
  return parts.join('\n')
}
