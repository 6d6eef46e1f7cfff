import type { UploadId } from '../../signaling/protocol/ids.ts'
import { type Received, UploadStopped, type UploadTrouble, type UploadWire } from './upload-wire.ts'

export type UploadState =
  | { readonly kind: 'waiting' | 'checking' | 'done' | 'cancelled' }
  | { readonly kind: 'sending' | 'paused'; readonly percent: number }
  | { readonly kind: 'refused'; readonly reason: string }

export type UploadFileOptions = {
  readonly file: File
  readonly wire: UploadWire
  readonly onState: (state: UploadState) => void
  /** Resolves when it is worth trying again: the network is back, or so much time has gone. */
  readonly untilOnline: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Photos of phones end before this; the server says the same, but only after the file has begun. */
const MAX_BYTES = 25 * 1024 * 1024
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 8_000
/** A server that does not get on with a file for so long will not. */
const MAX_WAITS_IN_A_ROW = 8

/** One file on its way, in chunks: it pauses with the network and goes on where the server says. */
export class UploadFile {
  readonly file: File
  readonly #o: UploadFileOptions
  readonly #abort = new AbortController()
  #state: UploadState = { kind: 'waiting' }
  #id: UploadId | undefined
  #chunkBytes = 256 * 1024
  #received = 0

  constructor(o: UploadFileOptions) {
    this.#o = o
    this.file = o.file
  }

  get state(): UploadState {
    return this.#state
  }
  get isOver(): boolean {
    return this.#state.kind === 'done' || this.#state.kind === 'refused' || this.#state.kind === 'cancelled'
  }

  /** Sends the file to its end, whatever that is. Never throws. */
  async run(): Promise<void> {
    if (this.isOver) return
    if (this.file.size > MAX_BYTES) return this.#set({ kind: 'refused', reason: 'too-large' })
    if (this.file.size === 0) return this.#set({ kind: 'refused', reason: 'empty' })
    let waits = 0
    while (!this.isOver) {
      try {
        const before = this.#received
        await this.#step()
        if (this.#received > before) waits = 0
      } catch (error) {
        if (this.isOver) return
        const trouble: UploadTrouble =
          error instanceof UploadStopped ? error.trouble : { kind: 'refused', reason: 'unreadable' }
        if (trouble.kind === 'refused') return this.#set({ kind: 'refused', reason: trouble.reason })
        if (trouble.kind === 'offset') {
          this.#received = trouble.receivedBytes
          continue
        }
        if (trouble.kind === 'wait' && ++waits > MAX_WAITS_IN_A_ROW)
          return this.#set({ kind: 'refused', reason: 'other' })
        if (trouble.kind === 'lost') this.#set({ kind: 'paused', percent: this.#percent })
        await this.#o.untilOnline(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** waits), this.#abort.signal)
        await this.#ask()
      }
    }
  }

  cancel(): void {
    if (this.isOver) return
    this.#set({ kind: 'cancelled' })
    this.#abort.abort()
  }

  async #step(): Promise<void> {
    const { wire } = this.#o
    const { signal } = this.#abort
    if (this.#id === undefined) {
      const { name, type, size, lastModified } = this.file
      const begun = await wire.begin({ name, type, sizeBytes: size, lastModifiedMs: lastModified }, signal)
      this.#id = begun.uploadId
      this.#chunkBytes = begun.chunkBytes
      this.#received = begun.receivedBytes
      if (this.isOver) return
    }
    const chunk = this.file.slice(this.#received, this.#received + this.#chunkBytes)
    const last = this.#received + chunk.size >= this.file.size
    this.#set(last ? { kind: 'checking' } : { kind: 'sending', percent: this.#percent })
    this.#took(await wire.append(this.#id, this.#received, chunk, signal))
  }

  /** After a break: what the server has may be more than what it could still say. */
  async #ask(): Promise<void> {
    if (this.#id === undefined || this.isOver) return
    try {
      this.#took(await this.#o.wire.state(this.#id, this.#abort.signal))
    } catch {
      // The next chunk meets the same trouble, and waits for the same end of it.
    }
  }

  #took(received: Received): void {
    if (this.isOver) return
    this.#received = received.receivedBytes
    if (received.refused !== undefined) this.#set({ kind: 'refused', reason: received.refused })
    else if (received.receivedBytes >= this.file.size) this.#set({ kind: 'done' })
    else this.#set({ kind: 'sending', percent: this.#percent })
  }

  get #percent(): number {
    return Math.floor((100 * this.#received) / this.file.size)
  }

  #set(state: UploadState): void {
    // What was cancelled stays so, whatever arrives later.
    if (this.isOver) return
    this.#state = state
    this.#o.onState(state)
  }
}
