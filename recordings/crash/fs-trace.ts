import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { relative, resolve, sep } from 'node:path'

/** One thing that was asked of the disk. Paths are relative to the traced root; files are numbered, for names move. */
export type DiskOp =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly bytes: number }
  /** The disk has confirmed everything of the file that was asked before op number `before`. */
  | { readonly kind: 'synced'; readonly file: number; readonly before: number }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** The disk has confirmed the names in a folder as they were before op number `before`. */
  | { readonly kind: 'folder-synced'; readonly path: string; readonly before: number }
  /** Not the disk's: what the program has promised to somebody from here on. */
  | { readonly kind: 'promised'; readonly what: string }

/**
 * Notes everything this process asks of the disk below `root`, by wrapping node:fs itself: the code under test is the code
 * that runs in production. For a process of its own; there is no way back.
 */
export class FsTrace {
  readonly ops: DiskOp[] = []
  readonly #root: string
  /** Which file stands behind a descriptor, and where its next write without a position goes. */
  readonly #open = new Map<number, { file: number; at: number } | { folder: string }>()
  readonly #files = new Map<string, number>()
  #count = 0

  private constructor(root: string) {
    this.#root = resolve(root)
  }

  static install(root: string): FsTrace {
    const trace = new FsTrace(root)
    trace.#wrapSync()
    trace.#wrapCallbacks()
    trace.#wrapPromises()
    syncBuiltinESMExports()
    return trace
  }

  promised(what: string): void {
    this.ops.push({ kind: 'promised', what })
  }

  #inside(path: unknown): string | undefined {
    if (typeof path !== 'string') return undefined
    const inside = relative(this.#root, resolve(path)).split(sep).join('/')
    return inside.startsWith('..') ? undefined : inside
  }

  #opened(fd: number, path: unknown, existed: boolean): void {
    const inside = this.#inside(path)
    if (inside === undefined) return
    const stat = fs.fstatSync(fd)
    if (stat.isDirectory()) {
      this.#open.set(fd, { folder: inside })
      return
    }
    let file = this.#files.get(inside)
    if (file === undefined || !existed) {
      file = ++this.#count
      this.#files.set(inside, file)
      this.ops.push({ kind: 'create', path: inside, file })
    }
    this.#open.set(fd, { file, at: 0 })
  }

  #wrote(fd: number, parts: readonly Uint8Array[], written: number, position: number | null | undefined): void {
    const open = this.#open.get(fd)
    if (open === undefined || !('file' in open)) return
    // Files without positions here are opened for appending: their next byte goes to the end.
    const at = position ?? open.at
    const bytes = Buffer.concat(parts).subarray(0, written)
    this.ops.push({ kind: 'write', file: open.file, at, bytes: Buffer.from(bytes) })
    open.at = at + written
  }

  /** Called when a sync was asked for; the function it returns is called when the disk has confirmed it. */
  #syncing(fd: number): () => void {
    const before = this.ops.length
    const open = this.#open.get(fd)
    return () => {
      if (open === undefined) return
      if ('file' in open) this.ops.push({ kind: 'synced', file: open.file, before })
      else this.ops.push({ kind: 'folder-synced', path: open.folder, before })
    }
  }

  #renamed(from: unknown, to: unknown): void {
    const [a, b] = [this.#inside(from), this.#inside(to)]
    if (a === undefined || b === undefined) return
    this.ops.push({ kind: 'rename', from: a, to: b })
    for (const [path, file] of [...this.#files]) {
      if (path !== a && !path.startsWith(`${a}/`)) continue
      this.#files.delete(path)
      this.#files.set(b + path.slice(a.length), file)
    }
  }

  #removed(path: unknown): void {
    const inside = this.#inside(path)
    if (inside === undefined) return
    this.ops.push({ kind: 'remove', path: inside })
    for (const known of [...this.#files.keys()])
      if (known === inside || known.startsWith(`${inside}/`)) this.#files.delete(known)
  }

  /** The folders that making `path` will add, outermost first. */
  #missing(path: unknown): string[] {
    const inside = this.#inside(path)
    if (inside === undefined || inside === '') return []
    const parts = inside.split('/')
    return parts
      .map((_, i) => parts.slice(0, i + 1).join('/'))
      .filter(folder => !fs.existsSync(resolve(this.#root, folder)))
  }

  #wrapSync(): void {
    const { openSync, writeSync, closeSync, writeFileSync, rmSync } = fs
    Object.assign(fs, {
      openSync: (path: string, ...rest: [fs.OpenMode, fs.Mode?]) => {
        const existed = fs.existsSync(path)
        const fd = openSync(path, ...rest)
        this.#opened(fd, path, existed)
        return fd
      },
      writeSync: (fd: number, bytes: Uint8Array) => {
        const written = writeSync(fd, bytes)
        this.#wrote(fd, [bytes], written, undefined)
        return written
      },
      closeSync: (fd: number) => {
        this.#open.delete(fd)
        closeSync(fd)
      },
      writeFileSync: (path: string, data: string | Uint8Array, options?: fs.WriteFileOptions) => {
        writeFileSync(path, data, options)
        const inside = this.#inside(path)
        if (inside === undefined) return
        const file = ++this.#count
        this.#files.set(inside, file)
        this.ops.push({ kind: 'create', path: inside, file })
        this.ops.push({ kind: 'write', file, at: 0, bytes: Buffer.from(data as Uint8Array) })
      },
      rmSync: (path: string, options?: fs.RmOptions) => {
        const existed = fs.existsSync(path)
        rmSync(path, options)
        if (existed) this.#removed(path)
      },
    })
  }

  #wrapCallbacks(): void {
    const { writev, fdatasync, fsync, close } = fs
    type Done = (error: NodeJS.ErrnoException | null) => void
    const syncing = (real: (fd: number, done: Done) => void) => (fd: number, done: Done) => {
      const confirmed = this.#syncing(fd)
      real(fd, error => {
        if (error === null) confirmed()
        done(error)
      })
    }
    Object.assign(fs, {
      writev: (
        fd: number,
        parts: readonly Uint8Array[],
        position: number,
        done: (error: NodeJS.ErrnoException | null, written: number) => void,
      ) => {
        // Copied: buffers are used again as soon as the caller hears of it.
        const copies = parts.map(part => Buffer.from(part))
        writev(fd, parts, position, (error, written) => {
          if (error === null) this.#wrote(fd, copies, written, position)
          done(error, written)
        })
      },
      fdatasync: syncing(fdatasync),
      fsync: syncing(fsync),
      close: (fd: number, done: Done) => {
        this.#open.delete(fd)
        close(fd, done)
      },
    })
  }

  #wrapPromises(): void {
    const { open, mkdir, rename, rm } = fsPromises
    Object.assign(fsPromises, {
      open: async (path: string, ...rest: [string?, fs.Mode?]) => {
        const existed = fs.existsSync(path)
        const handle = await open(path, ...rest)
        this.#opened(handle.fd, path, existed)
        return this.#wrapHandle(handle)
      },
      mkdir: async (path: string, options: fs.MakeDirectoryOptions & { recursive: true }) => {
        const missing = this.#missing(path)
        const made = await mkdir(path, options)
        for (const folder of missing) this.ops.push({ kind: 'mkdir', path: folder })
        return made
      },
      rename: async (from: string, to: string) => {
        await rename(from, to)
        this.#renamed(from, to)
      },
      rm: async (path: string, options?: fs.RmOptions) => {
        const existed = fs.existsSync(path)
        await rm(path, options)
        if (existed) this.#removed(path)
      },
    })
  }

  #wrapHandle(handle: FileHandle): FileHandle {
    const { fd } = handle
    const [writeFile, write, sync, datasync, truncate, close] = (
      ['writeFile', 'write', 'sync', 'datasync', 'truncate', 'close'] as const
    ).map(name => handle[name].bind(handle) as (...args: unknown[]) => Promise<unknown>)
    const syncing = (real: typeof sync) => async () => {
      const confirmed = this.#syncing(fd)
      await real?.()
      confirmed()
    }
    return Object.assign(handle, {
      writeFile: async (bytes: Uint8Array) => {
        await writeFile?.(bytes)
        this.#wrote(fd, [bytes], bytes.length, undefined)
      },
      write: async (bytes: Uint8Array, from: number, length: number, position: number) => {
        const result = (await write?.(bytes, from, length, position)) as { bytesWritten: number }
        this.#wrote(fd, [bytes.subarray(from, from + length)], result.bytesWritten, position)
        return result
      },
      sync: syncing(sync),
      datasync: syncing(datasync),
      truncate: async (bytes: number) => {
        await truncate?.(bytes)
        const open = this.#open.get(fd)
        if (open !== undefined && 'file' in open) this.ops.push({ kind: 'truncate', file: open.file, bytes })
      },
      close: async () => {
        this.#open.delete(fd)
        await close?.()
      },
    })
  }
}
