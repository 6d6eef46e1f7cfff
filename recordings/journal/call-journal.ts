import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import type { JournalEntry, JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { errorText } from '../error-text.ts'

export const JOURNAL_FILE = 'journal.jsonl'
export const NO_PREVIOUS = '0'.repeat(64)
const SYNC_MS = 500

/** SHA-256 (hex) of a journal line without its line feed: what the next line carries as `prev`. */
export function lineHash(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex')
}

export type CallJournalOptions = {
  readonly path: string
  nowMs(): number
  onDegraded(reason: string): void
  /** Where an existing chain goes on; recovery only. */
  readonly resume?: { readonly entries: number; readonly head: string; readonly lastAtMs: number }
}

/**
 * The story of one call, one JSON line per entry, each carrying the hash of the line before. The folder's lock makes
 * this the only writer.
 */
export class CallJournal {
  readonly #fd: number
  readonly #o: CallJournalOptions
  #entries: number
  #head: string
  #lastAtMs: number
  #endedAtMs: number | undefined
  /** Bytes the kernel refused so far, oldest first; empty unless the disk is in trouble. */
  #unwritten = Buffer.alloc(0)
  #timer: NodeJS.Timeout | undefined
  #degraded = false
  #closing: Promise<void> | undefined
  #afterFirst: (() => void)[] = []

  constructor(options: CallJournalOptions) {
    this.#o = options
    this.#fd = fs.openSync(options.path, options.resume === undefined ? 'ax' : 'a', 0o640)
    this.#entries = options.resume?.entries ?? 0
    this.#head = options.resume?.head ?? NO_PREVIOUS
    this.#lastAtMs = options.resume?.lastAtMs ?? 0
  }

  get entries(): number {
    return this.#entries
  }
  /** Hash of the last line. */
  get head(): string {
    return this.#head
  }
  /** When `call.ended` was written, on the call clock. */
  get endedAtMs(): number | undefined {
    return this.#endedAtMs
  }
  get isClosed(): boolean {
    return this.#closing !== undefined
  }
  /** Bytes the disk has refused and that exist in memory only. */
  get unwrittenBytes(): number {
    return this.#unwritten.length
  }

  /**
   * Writes the entry to the kernel before it returns, so that whoever is told of it afterwards is never told of
   * something a crash of this process could erase; on disk within a second. When the disk refuses, the entry waits in
   * memory, `onDegraded` is called and later appends try again in order: the voice must not die of a full disk.
   * @throws Error when the journal is closed: that is a bug of the caller.
   */
  append(event: JournalEvent): JournalEntry {
    if (this.#closing !== undefined) throw new Error(`journal is closed: ${event.type}`)
    // One clock, never backwards; µs are enough.
    this.#lastAtMs = Math.max(this.#lastAtMs, Math.round(this.#o.nowMs() * 1000) / 1000)
    const entry = { seq: this.#entries, atMs: this.#lastAtMs, prev: this.#head, ...event } as JournalEntry
    const line = JSON.stringify(entry)
    this.#head = lineHash(line)
    this.#entries += 1
    if (entry.type === 'call.ended') this.#endedAtMs ??= entry.atMs
    this.#unwritten = Buffer.concat([this.#unwritten, Buffer.from(`${line}\n`)])
    this.#write()
    // The entry that everything else hangs on goes to the disk at once: without it the tracks would belong to nobody.
    if (entry.seq === 0) this.#sync()
    else this.#timer ??= setTimeout(() => this.#sync(), SYNC_MS)
    if (entry.seq === 0) for (const callback of this.#afterFirst.splice(0)) callback()
    return entry
  }

  /** Runs `callback` at once when the journal has an entry, otherwise right after entry 0 (`call.answered`). */
  whenBegun(callback: () => void): void {
    if (this.#entries > 0) callback()
    else this.#afterFirst.push(callback)
  }

  /** Last write, sync, close. Idempotent; never rejects (trouble goes to `onDegraded`). */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #write(): void {
    try {
      while (this.#unwritten.length > 0)
        this.#unwritten = this.#unwritten.subarray(fs.writeSync(this.#fd, this.#unwritten))
    } catch (error) {
      this.#degrade(error)
    }
  }

  #sync(): void {
    this.#timer = undefined
    this.#write()
    fs.fdatasync(this.#fd, error => {
      if (error !== null && this.#closing === undefined) this.#degrade(error)
    })
    if (this.#unwritten.length > 0) this.#timer = setTimeout(() => this.#sync(), SYNC_MS)
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#write()
    await new Promise<void>(resolve =>
      fs.fsync(this.#fd, error => {
        if (error !== null) this.#degrade(error)
        fs.close(this.#fd, () => resolve())
      }),
    )
  }

  #degrade(error: unknown): void {
    if (this.#degraded) return
    this.#degraded = true
    queueMicrotask(() => this.#o.onDegraded(`cannot write ${JOURNAL_FILE}: ${errorText(error)}`))
  }
}
