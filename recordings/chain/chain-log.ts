import * as fs from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../archive/durable-file.ts'
import { type ChainPlace, chainHash, dayFile, NO_LINE_BEFORE, placeOf } from './chain-line.ts'
import { chainDays, readRawChain } from './read-chain-log.ts'
import { type ChainMark, type ChainVerdict, verifyChainLog } from './verify-chain-log.ts'

const SYNC_MS = 200

/** The line could not be kept: whatever was to be written down first must not happen. */
export class ChainLogError extends Error {
  override name = 'ChainLogError'
}

export type ChainLine<Event> = ChainPlace & Event
export type ChainLogOptions<Event> = {
  readonly folder: string
  /** Wall clock. */
  readonly nowMs?: () => number
  /** What is written down when a crash left half a line, which is cut off. */
  readonly tornTail: (removed: { readonly day: string; readonly bytes: number }) => Event
  /** The disk could not make lines durable, or the files were changed by somebody else while the chain was open. */
  readonly onTrouble: (reason: string) => void
}

/**
 * Lines that are only ever added, each with the hash of the line before, in one file for each day (UTC). A line is
 * written before `append` returns and on disk soon after. One process writes a chain.
 */
export class ChainLog<Event extends object> {
  readonly #o: ChainLogOptions<Event>
  #entries: number
  #head: string
  #lastAt: string
  #day: string | undefined
  #fd: number | undefined
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #syncing: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(o: ChainLogOptions<Event>, last: { entries: number; head: string; lastAt: string }) {
    this.#o = o
    this.#entries = last.entries
    this.#head = last.head
    this.#lastAt = last.lastAt
  }

  /**
   * Goes on after the last whole line; half a line after it is cut off and that is written down.
   * @throws Error when the end of the chain cannot be read: a person must look.
   */
  static async open<Event extends object>(o: ChainLogOptions<Event>): Promise<ChainLog<Event>> {
    await mkdir(o.folder, { recursive: true, mode: 0o750 })
    const torn: { day: string; bytes: number }[] = []
    for (const day of (await chainDays(o.folder)).reverse()) {
      const path = join(o.folder, dayFile(day))
      const bytes = await readFile(path)
      const whole = bytes.lastIndexOf(0x0a) + 1
      if (whole < bytes.length) {
        fs.truncateSync(path, whole)
        torn.push({ day, bytes: bytes.length - whole })
      }
      if (whole === 0) {
        fs.rmSync(path)
        continue
      }
      const line = bytes.subarray(bytes.lastIndexOf(0x0a, whole - 2) + 1, whole - 1)
      const place = placeOf(line)
      if (!place) throw new Error(`the last line of ${path} is damaged; look at it before the server goes on`)
      return ChainLog.#goOn(o, { entries: place.seq + 1, head: chainHash(line), lastAt: place.at }, torn)
    }
    return ChainLog.#goOn(o, { entries: 0, head: NO_LINE_BEFORE, lastAt: '' }, torn)
  }

  static async #goOn<Event extends object>(
    o: ChainLogOptions<Event>,
    last: { entries: number; head: string; lastAt: string },
    torn: readonly { day: string; bytes: number }[],
  ): Promise<ChainLog<Event>> {
    const log = new ChainLog(o, last)
    for (const one of torn) log.append(o.tornTail(one))
    return log
  }

  get entries(): number {
    return this.#entries
  }
  /** Hash of the last line. */
  get head(): string {
    return this.#head
  }
  get mark(): ChainMark {
    return { entries: this.#entries, head: this.#head }
  }

  /** @throws ChainLogError when the line could not be written whole; the chain is then as it was. */
  append(event: Event): { readonly line: ChainLine<Event>; readonly hash: string } {
    if (this.#closed) throw new ChainLogError('this log is closed')
    const now = new Date(this.#o.nowMs?.() ?? Date.now()).toISOString()
    // The clock may be set back; the chain never goes back.
    const at = now < this.#lastAt ? this.#lastAt : now
    const line = { seq: this.#entries, at, prev: this.#head, ...event } as ChainLine<Event>
    const text = JSON.stringify(line)
    this.#turnTo(at.slice(0, 10))
    this.#write(Buffer.from(`${text}\n`))
    this.#entries += 1
    this.#head = chainHash(text)
    this.#lastAt = at
    this.#timer ??= setTimeout(() => this.#sync(), SYNC_MS)
    return { line, hash: this.#head }
  }

  /** Whole lines from `fromSeq` on, oldest first, with their hashes. Does not judge the chain. */
  async *read(fromSeq = 0): AsyncGenerator<{ line: ChainLine<Event>; hash: string }> {
    const days = await chainDays(this.#o.folder)
    let from = days.length - 1
    while (from > 0 && ((await firstSeq(this.#o.folder, days[from] ?? '')) ?? Infinity) > fromSeq) from -= 1
    for await (const raw of readRawChain(this.#o.folder, days.slice(Math.max(0, from)))) {
      const place = raw.ended ? placeOf(raw.bytes) : undefined
      if (!place || place.seq < fromSeq) continue
      yield { line: JSON.parse(raw.bytes.toString('utf8')) as ChainLine<Event>, hash: chainHash(raw.bytes) }
    }
  }

  /** The whole chain as it stands on disk, against the marks and against what this process has written. */
  async verify(marks: readonly ChainMark[] = []): Promise<ChainVerdict> {
    const { mark } = this
    const verdict = await verifyChainLog(this.#o.folder, [...marks, mark])
    const [first, ...others] = verdict.problems
    // A line that is being written just now is seen half.
    if (first?.kind === 'torn-line' && others.length === 0 && verdict.entries >= mark.entries)
      return { ...verdict, intact: true, problems: [] }
    return verdict
  }

  /** Everything written so far is on disk. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#sync()
    await this.#syncing
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#syncing
    this.#closed = true
    await this.flush()
    if (this.#fd !== undefined) fs.closeSync(this.#fd)
    this.#fd = undefined
  }

  #turnTo(day: string): void {
    if (this.#day === day && this.#fd !== undefined) return
    try {
      if (this.#fd !== undefined) {
        fs.fdatasyncSync(this.#fd)
        fs.closeSync(this.#fd)
        this.#fd = undefined
      }
      this.#fd = fs.openSync(join(this.#o.folder, dayFile(day)), 'a', 0o640)
      this.#bytes = fs.fstatSync(this.#fd).size
      this.#day = day
    } catch (cause) {
      throw new ChainLogError('this log cannot be written', { cause })
    }
    // The name of a new file survives a power cut only when its folder is synced.
    this.#after(() => syncFolder(this.#o.folder))
  }

  #write(bytes: Buffer): void {
    const fd = this.#fd as number
    const found = fs.fstatSync(fd).size
    if (found !== this.#bytes) {
      this.#o.onTrouble('a file of the log was changed while it was open')
      this.#bytes = found
    }
    let written = 0
    try {
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written)
    } catch (cause) {
      // Half a line would spoil the next one.
      if (written > 0) fs.ftruncateSync(fd, this.#bytes)
      throw new ChainLogError('this log cannot be written', { cause })
    }
    this.#bytes += bytes.length
  }

  #sync(): void {
    this.#timer = undefined
    const fd = this.#fd
    if (fd === undefined) return
    this.#after(
      () =>
        new Promise((resolve, reject) =>
          fs.fdatasync(fd, error => (error === null ? resolve(undefined) : reject(error))),
        ),
    )
  }

  #after(work: () => Promise<unknown>): void {
    this.#syncing = this.#syncing.then(work).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => {
        // A day's file is synced before it is closed, so a descriptor that is gone has nothing to lose.
        if (error.code !== 'EBADF') this.#o.onTrouble('the log could not be made durable')
      },
    )
  }
}

async function firstSeq(folder: string, day: string): Promise<number | undefined> {
  for await (const raw of readRawChain(folder, [day])) return placeOf(raw.bytes)?.seq
  return undefined
}
