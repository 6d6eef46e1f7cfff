import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import { Store } from '../shared/console/store.ts'
import { HttpRefusal } from '../shared/http.ts'
import {
  currentRow,
  type Filters,
  findCalls,
  type OpenedRecord,
  openRecord,
  type ReviewRow,
  replayOf,
  verifyRecord,
} from './review-api.ts'

export type ListState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: HttpRefusal['code'] }
  | {
      readonly kind: 'ready'
      readonly rows: readonly ReviewRow[]
      readonly next: string | undefined
      readonly filtered: boolean
    }

export type RecordState =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking'; readonly row: ReviewRow; readonly failed: HttpRefusal['code'] | undefined }
  | { readonly kind: 'opening'; readonly row: ReviewRow }
  | {
      readonly kind: 'open'
      readonly row: ReviewRow
      readonly opened: OpenedRecord
      readonly verifying: boolean
      readonly verifyFailed: HttpRefusal['code'] | undefined
    }

export const NO_FILTERS: Filters = { number: '', agent: '', from: '', to: '' }
/** How often to look whether a replay has been made. */
const POLL_MS = 2_000

function codeOf(error: unknown): HttpRefusal['code'] {
  return error instanceof HttpRefusal ? error.code : 'internal'
}

/** What the reviewer looks for, and what lies open. */
export class DeskOfRecords {
  readonly list = new Store<ListState>({ kind: 'loading' })
  readonly record = new Store<RecordState>({ kind: 'none' })
  readonly #onExpired: () => void
  #filters = NO_FILTERS
  #search = 0
  #poll: ReturnType<typeof setTimeout> | undefined

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired
  }

  async find(filters: Filters): Promise<void> {
    this.#filters = filters
    const search = ++this.#search
    this.list.update(() => ({ kind: 'loading' }))
    try {
      const { calls, next } = await findCalls(filters)
      // Of two searches the newer one counts, whichever reply comes last.
      if (search !== this.#search) return
      const filtered = Object.values(filters).some(value => value.trim() !== '')
      this.list.update(() => ({ kind: 'ready', rows: calls, next, filtered }))
    } catch (error) {
      if (search === this.#search) this.list.update(() => ({ kind: 'failed', code: this.#noticed(error) }))
    }
  }

  again(): void {
    void this.find(this.#filters)
  }

  async more(): Promise<void> {
    const list = this.list.get()
    if (list.kind !== 'ready' || list.next === undefined) return
    const search = this.#search
    try {
      const { calls, next } = await findCalls(this.#filters, list.next)
      if (search === this.#search) this.list.update(() => ({ ...list, rows: [...list.rows, ...calls], next }))
    } catch (error) {
      if (search === this.#search) this.list.update(() => ({ kind: 'failed', code: this.#noticed(error) }))
    }
  }

  /** Nothing of the call is shown yet: first the reason. */
  choose(row: ReviewRow): void {
    clearTimeout(this.#poll)
    this.record.update(() => ({ kind: 'asking', row, failed: undefined }))
  }

  async open(reason: string): Promise<void> {
    const state = this.record.get()
    if (state.kind !== 'asking') return
    const { row } = state
    this.record.update(() => ({ kind: 'opening', row }))
    try {
      const opened = await openRecord(row.callId, reason)
      if (this.#isOn(row)) {
        this.record.update(() => ({ kind: 'open', row, opened, verifying: false, verifyFailed: undefined }))
        if (opened.replay === null && opened.muxState !== 'mux-failed') this.#pollLater(row)
      }
    } catch (error) {
      const failed = this.#noticed(error)
      if (this.#isOn(row)) this.record.update(() => ({ kind: 'asking', row, failed }))
    }
  }

  async verify(): Promise<void> {
    const state = this.record.get()
    if (state.kind !== 'open' || state.verifying) return
    this.#change(state.row, open => ({ ...open, verifying: true, verifyFailed: undefined }))
    try {
      const verdict: ArchiveVerdict = await verifyRecord(state.row.callId)
      this.#change(state.row, open => ({ ...open, verifying: false, opened: { ...open.opened, verdict } }))
    } catch (error) {
      const verifyFailed = this.#noticed(error)
      this.#change(state.row, open => ({ ...open, verifying: false, verifyFailed }))
    }
  }

  close(): void {
    clearTimeout(this.#poll)
    this.#search += 1
    this.record.update(() => ({ kind: 'none' }))
  }

  #isOn(row: ReviewRow): boolean {
    const state = this.record.get()
    return state.kind !== 'none' && state.row.callId === row.callId
  }

  #change(row: ReviewRow, change: (open: Extract<RecordState, { kind: 'open' }>) => RecordState): void {
    this.record.update(state => (state.kind === 'open' && state.row.callId === row.callId ? change(state) : state))
  }

  #pollLater(row: ReviewRow): void {
    clearTimeout(this.#poll)
    this.#poll = setTimeout(async () => {
      // A missed look is no news; the next one comes.
      const now = await currentRow(row).catch(() => undefined)
      if (!this.#isOn(row)) return
      if (now?.state === 'muxed' || now?.state === 'mux-failed') {
        const replay = now.state === 'muxed' ? replayOf(now) : null
        this.#change(row, open => ({ ...open, row: now, opened: { ...open.opened, replay, muxState: now.state } }))
      } else this.#pollLater(row)
    }, POLL_MS)
  }

  #noticed(error: unknown): HttpRefusal['code'] {
    const code = codeOf(error)
    if (code === 'not-signed-in') this.#onExpired()
    return code
  }
}
