import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCK_FILE } from './durable-file.ts'

/** Who writes a call's folder. A pid alone is not enough: pids are reused, and in a container it is always the same. */
type Owner = { readonly pid: number; readonly startTime: string; readonly bootId: string }

/** Start time of a process in clock ticks since boot (`proc(5)`, field 22), '' when it is gone or there is no /proc. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold spaces and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}

function self(): Owner {
  return { pid: process.pid, startTime: startTimeOf(process.pid), bootId: bootId() }
}

/** @throws EEXIST when somebody holds the folder. */
export function lockFolder(folder: string): void {
  writeFileSync(join(folder, LOCK_FILE), JSON.stringify(self()), { flag: 'wx', mode: 0o640 })
}

export function unlockFolder(folder: string): void {
  rmSync(join(folder, LOCK_FILE), { force: true })
}

/** True while the process that wrote the lock still runs. An unreadable lock counts as left behind. */
export function isFolderInUse(folder: string): boolean {
  let owner: Owner
  try {
    owner = JSON.parse(readFileSync(join(folder, LOCK_FILE), 'utf8')) as Owner
  } catch {
    return false
  }
  if (owner.bootId !== bootId() || !isAlive(owner.pid)) return false
  return startTimeOf(owner.pid) === owner.startTime
}

/** Takes over a lock whose owner is dead. False when another process was faster. */
export async function takeOverLock(folder: string): Promise<boolean> {
  const lock = join(folder, LOCK_FILE)
  const aside = `${lock}.${process.pid}`
  try {
    // Of several processes that try, the rename succeeds for one.
    await rename(lock, aside)
  } catch {
    // No lock at all: the exclusive create below decides.
  }
  rmSync(aside, { force: true })
  try {
    lockFolder(folder)
    return true
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
