import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import type { RecordStanding } from '../../signaling/protocol/retention.ts'
import type { CallRule, RecordWork, Unmasked } from '../../signaling/protocol/review.ts'
import { Store } from '../shared/console/store.ts'
import { HttpRefusal } from '../shared/http.ts'
import {
  currentRow,
  findCalls,
  type OpenedRecord,
  openRecord,
  type ReviewRow,
  recordStanding,
  replayOf,
  unmask,
  verification,
  verifyRecord,
} from './review-api.ts'

export type RefusalCode = HttpRefusal['code']
export type ListState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: RefusalCode }
  | {
      readonly kind: 'ready'
      readonly rows: readonly ReviewRow[]
      readonly next: string | undefined
      readonly total: number | undefined
      readonly filtered: boolean
    }

/** What is known of a call before it is opened: all of a row of the list, or only what a work list or an address says. */
export type ChosenCall = Pick<ReviewRow, 'callId'> &
  Partial<Pick<ReviewRow, 'from' | 'answeredAt' | 'durationMs'>> & { readonly agent?: { readonly name: string } }

export type RecordState =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking'; readonly row: ChosenCall; readonly failed: RefusalCode | undefined }
  | { readonly kind: 'opening'; readonly row: ChosenCall }
  /** It cannot be opened, and it is known why. */
  | { readonly kind: 'closed'; readonly row: ChosenCall; readonly standing: Exclude<RecordStanding, { kind: 'open' }> }
  | OpenState
export type OpenState = {
  readonly kind: 'open'
  readonly row: ReviewRow
  readonly opened: OpenedRecord
  readonly verifying: boolean
  readonly verifyFailed: RefusalCode | undefined
  /** The whole numbers, once a reason was given for seeing them. */
  readonly numbers: Unmasked | undefined
}

/** Refusals behind which a record may be restricted or destroyed. */
const NOT_THERE: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['forbidden', 'gone', 'not-found'])

/** How often to look whether a replay has been made, or how far a verification is. */
const POLL_MS = 2_000

export function codeOf(error: unknown): RefusalCode {
  return error instanceof HttpRefusal ? error.code : 'internal'
}

/** What the reviewer looks for, and what lies open. */
export class DeskOfRecords {
  readonly list = new Store<ListState>({ kind: 'loading' })
  readonly record = new Store<RecordState>({ kind: 'none' })
  readonly #onExpired: () => void
  #rule: CallRule = {}
  #search = 0
  #poll: ReturnType<typeof setTimeout> | undefined

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired
  }

  /** What was looked for last: what can be saved, or drawn from. */
  get rule(): CallRule {
    return this.#rule
  }

  async find(rule: CallRule): Promise<void> {
    this.#rule = rule
    const search = ++this.#search
    this.list.update(() => ({ kind: 'loading' }))
    try {
      const { calls, next, total } = await findCalls(rule)
      // Of two searches the newer one counts, whichever reply comes last.
      if (search !== this.#search) return
      const filtered = Object.keys(rule).length > 0
      this.list.update(() => ({ kind: 'ready', rows: calls, next, total, filtered }))
    } catch (error) {
      if (search === this.#search) this.list.update(() => ({ kind: 'failed', code: this.noticed(error) }))
    }
  }

  again(): void {
    void this.find(this.#rule)
  }

  async more(): Promise<void> {
    const list = this.list.get()
    if (list.kind !== 'ready' || list.next === undefined) return
    const search = this.#search
    try {
      const { calls, next } = await findCalls(this.#rule, list.next)
      if (search === this.#search) this.list.update(() => ({ ...list, rows: [...list.rows, ...calls], next }))
    } catch (error) {
      if (search === this.#search) this.list.update(() => ({ kind: 'failed', code: this.noticed(error) }))
    }
  }

  /** Nothing of the call is shown yet: first the reason. */
  choose(row: ChosenCall): void {
    clearTimeout(this.#poll)
    this.record.update(() => ({ kind: 'asking', row, failed: undefined }))
  }

  async open(reason: string): Promise<void> {
    const state = this.record.get()
    if (state.kind !== 'asking') return
    const chosen = state.row
    this.record.update(() => ({ kind: 'opening', row: chosen }))
    try {
      const opened = await openRecord(chosen.callId, reason)
      if (!this.#isOn(chosen)) return
      const { row } = opened.work
      this.record.update(() => ({
        ...{ kind: 'open', row, opened, numbers: undefined },
        verifying: opened.verdict === null,
        verifyFailed: undefined,
      }))
      if (opened.replay === null && opened.muxState !== 'mux-failed') this.#pollLater(row)
      if (opened.verdict === null) void this.#awaitVerdict(row)
    } catch (error) {
      const failed = this.noticed(error)
      const standing = NOT_THERE.has(failed) ? await recordStanding(chosen.callId).catch(() => undefined) : undefined
      if (!this.#isOn(chosen)) return
      if (standing && standing.kind !== 'open') this.record.update(() => ({ kind: 'closed', row: chosen, standing }))
      else this.record.update(() => ({ kind: 'asking', row: chosen, failed }))
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
      const verifyFailed = this.noticed(error)
      this.#change(state.row, open => ({ ...open, verifying: false, verifyFailed }))
    }
  }

  /** Shows the whole numbers. @throws HttpRefusal */
  async unmask(reason: string): Promise<void> {
    const state = this.record.get()
    if (state.kind !== 'open') return
    const numbers = await unmask(state.row.callId, reason)
    this.#change(state.row, open => ({ ...open, numbers }))
  }

  /** What colleagues and oneself have left at the open record has changed. */
  setWork(callId: ReviewRow['callId'], change: (work: RecordWork) => RecordWork): void {
    this.#change({ callId }, open => ({ ...open, opened: { ...open.opened, work: change(open.opened.work) } }))
  }

  close(): void {
    clearTimeout(this.#poll)
    this.#search += 1
    this.record.update(() => ({ kind: 'none' }))
  }

  /** The code of a refusal; a sign-in that has run out leads back to the sign-in page. */
  noticed(error: unknown): RefusalCode {
    const code = codeOf(error)
    if (code === 'not-signed-in') this.#onExpired()
    return code
  }

  #isOn(row: Pick<ChosenCall, 'callId'>): boolean {
    const state = this.record.get()
    return state.kind !== 'none' && state.row.callId === row.callId
  }

  #change(row: Pick<ChosenCall, 'callId'>, change: (open: OpenState) => OpenState): void {
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

  /** A large record is verified while it is already being looked at. */
  async #awaitVerdict(row: ReviewRow): Promise<void> {
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
      if (!this.#isOn(row)) return
      try {
        const now = await verification(row.callId)
        this.#change(row, open => ({
          ...open,
          verifying: now.state === 'running',
          opened: { ...open.opened, verification: now, verdict: now.verdict },
          verifyFailed: now.state === 'failed' ? 'internal' : undefined,
        }))
        if (now.state !== 'running') return
      } catch (error) {
        const verifyFailed = this.noticed(error)
        this.#change(row, open => ({ ...open, verifying: false, verifyFailed }))
        return
      }
    }
  }
}
