import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DiskOp } from './fs-trace.ts'

/**
 * What is left on the disk after a crash right after op number `count`:
 * - `kill`: the process died; the kernel has everything that was written.
 * - `power`: the power failed and nothing is there but what the disk has confirmed.
 * - `torn`: the power failed; of what was not confirmed some sectors got through, others read as zeros, and some of the
 *   names made since exist, in order (a journalling file system never reorders its own log).
 */
export type CrashKind = 'kill' | 'power' | 'torn'

const SECTOR_BYTES = 512

type File = { bytes: Buffer; durable: Buffer }

/** The files that a machine would find after such a crash, by path. */
export function diskAfterCrash(
  ops: readonly DiskOp[],
  count: number,
  kind: CrashKind,
  random: () => number,
): { files: Map<string, Buffer>; folders: Set<string> } {
  const done = ops.slice(0, count)
  const files = contents(done)
  const names = namesAfter(done, kind, random)
  const found = new Map<string, Buffer>()
  for (const [path, file] of names.files) {
    const content = files.get(file)
    if (content === undefined) continue
    if (kind === 'kill') found.set(path, content.bytes)
    else if (kind === 'power') found.set(path, content.durable)
    else found.set(path, tear(content, random))
  }
  return { files: found, folders: names.folders }
}

/**
 * What the program may count on: every byte whose sync the disk has confirmed, under the name the file has by then. If a
 * crash loses one of these because its name was not on the disk yet, a folder was not synced that should have been.
 */
export function confirmedFiles(ops: readonly DiskOp[], count: number): Map<string, Buffer> {
  const done = ops.slice(0, count)
  const files = contents(done)
  const found = new Map<string, Buffer>()
  for (const [path, file] of namesAfter(done, 'kill', () => 0).files) {
    const durable = files.get(file)?.durable
    if (durable !== undefined && durable.length > 0) found.set(path, durable)
  }
  return found
}

/** Writes such a state below `root`. */
export function layOut(root: string, state: ReturnType<typeof diskAfterCrash>): void {
  for (const folder of state.folders) mkdirSync(join(root, folder), { recursive: true })
  for (const [path, bytes] of state.files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
}

function contents(ops: readonly DiskOp[]): Map<number, File> {
  const files = new Map<number, File>()
  const replay = (file: number, before: number): Buffer => {
    let bytes = Buffer.alloc(0)
    for (const op of ops.slice(0, before)) {
      if (op.kind === 'write' && op.file === file) {
        const end = op.at + op.bytes.length
        if (end > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(end - bytes.length)])
        op.bytes.copy(bytes, op.at)
      } else if (op.kind === 'truncate' && op.file === file) bytes = Buffer.from(bytes.subarray(0, op.bytes))
    }
    return bytes
  }
  for (const op of ops)
    if (op.kind === 'create') files.set(op.file, { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) })
  for (const [file, content] of files) {
    content.bytes = replay(file, ops.length)
    const confirmed = ops.findLast(op => op.kind === 'synced' && op.file === file)
    if (confirmed?.kind === 'synced') content.durable = replay(file, confirmed.before)
  }
  return files
}

/**
 * Which names exist. Without power a name counts when its folder was synced after it was made, or when the file itself was:
 * every journalling file system of Linux commits the name of a new file with its fsync, POSIX alone does not promise it,
 * so the folder is the rule here and the file's own sync is not enough.
 */
function namesAfter(ops: readonly DiskOp[], kind: CrashKind, random: () => number) {
  const changes = ops.flatMap((op, index) =>
    op.kind === 'create' || op.kind === 'mkdir' || op.kind === 'rename' || op.kind === 'remove' ? [{ op, index }] : [],
  )
  const isConfirmed = (index: number, folder: string) =>
    ops.some(op => op.kind === 'folder-synced' && (op.path || '.') === folder && op.before > index)
  const pending = changes.filter(({ op, index }) => !foldersOf(op).every(folder => isConfirmed(index, folder)))
  const survives = new Set(pending.slice(0, kind === 'torn' ? Math.floor(random() * (pending.length + 1)) : 0))
  const files = new Map<string, number>()
  const folders = new Set<string>()
  for (const change of changes) {
    const { op } = change
    if (kind !== 'kill' && pending.includes(change) && !survives.has(change)) continue
    switch (op.kind) {
      case 'create':
        files.set(op.path, op.file)
        break
      case 'mkdir':
        folders.add(op.path)
        break
      case 'rename':
        for (const [path, file] of [...files])
          if (path === op.from || path.startsWith(`${op.from}/`)) {
            files.delete(path)
            files.set(op.to + path.slice(op.from.length), file)
          }
        for (const path of [...folders])
          if (path === op.from || path.startsWith(`${op.from}/`)) {
            folders.delete(path)
            folders.add(op.to + path.slice(op.from.length))
          }
        break
      case 'remove':
        for (const path of [...files.keys()]) if (path === op.path || path.startsWith(`${op.path}/`)) files.delete(path)
        for (const path of [...folders]) if (path === op.path || path.startsWith(`${op.path}/`)) folders.delete(path)
    }
  }
  // A name in a folder that is not there is not there either.
  for (const path of [...files.keys(), ...folders])
    if (dirname(path) !== '.' && !folders.has(dirname(path))) {
      files.delete(path)
      folders.delete(path)
    }
  return { files, folders }
}

function foldersOf(op: DiskOp): string[] {
  if (op.kind === 'rename') return [...new Set([dirname(op.from), dirname(op.to)])]
  return 'path' in op ? [dirname(op.path)] : []
}

/** Confirmed bytes stay; each sector behind them is there, or zeros, or the file ends before it. */
function tear({ bytes, durable }: File, random: () => number): Buffer {
  if (bytes.length <= durable.length) return bytes
  const end = durable.length + Math.floor(random() * (bytes.length - durable.length + 1))
  const torn = Buffer.from(bytes.subarray(0, end))
  durable.copy(torn)
  const firstWhole = Math.ceil(durable.length / SECTOR_BYTES)
  for (let sector = firstWhole; sector * SECTOR_BYTES < torn.length; sector++)
    if (random() < 0.3) torn.fill(0, sector * SECTOR_BYTES, Math.min(torn.length, (sector + 1) * SECTOR_BYTES))
  return torn
}
