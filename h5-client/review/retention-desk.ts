import type {
  CertificateRow,
  ErasureRow,
  EventRow,
  HoldRow,
  RetentionOverview,
} from '../../signaling/protocol/retention.ts'
import { Store } from '../shared/console/store.ts'
import { getJson, HttpRefusal, postJson } from '../shared/http.ts'

export type RetentionState = {
  readonly overview: RetentionOverview | undefined
  readonly holds: readonly HoldRow[]
  readonly erasures: readonly ErasureRow[]
  readonly events: readonly EventRow[]
  readonly certificates: readonly CertificateRow[]
  readonly busy: boolean
  readonly failed: HttpRefusal['code'] | undefined
  /** The last thing that was tried and not done. */
  readonly refused: HttpRefusal['code'] | undefined
}

const BASE = '/api/review/retention'
const POLL_MS = 1500

/** What the section shows and does; everything is read anew after each change. */
export class RetentionDesk {
  readonly state = new Store<RetentionState>({
    overview: undefined,
    holds: [],
    erasures: [],
    events: [],
    certificates: [],
    busy: false,
    failed: undefined,
    refused: undefined,
  })
  #poll: ReturnType<typeof setTimeout> | undefined
  #closed = false

  async load(): Promise<void> {
    clearTimeout(this.#poll)
    try {
      const [overview, { holds }, { erasures }, { events }, { certificates }] = await Promise.all([
        getJson<RetentionOverview>(BASE, 60_000),
        getJson<{ holds: HoldRow[] }>(`${BASE}/holds`),
        getJson<{ erasures: ErasureRow[] }>(`${BASE}/erasures`),
        getJson<{ events: EventRow[] }>(`${BASE}/events`),
        getJson<{ certificates: CertificateRow[] }>(`${BASE}/certificates`),
      ])
      this.state.update(state => ({ ...state, overview, holds, erasures, events, certificates, failed: undefined }))
      const running = overview.runs.some(run => run.state === 'running')
      if (running && !this.#closed) this.#poll = setTimeout(() => void this.load(), POLL_MS)
    } catch (error) {
      this.state.update(state => ({ ...state, failed: codeOf(error) }))
    }
  }

  /** True when it was done; then a form may be emptied. */
  async change(path: string, body: object): Promise<boolean> {
    if (this.state.get().busy) return false
    this.state.update(state => ({ ...state, busy: true, refused: undefined }))
    let refused: HttpRefusal['code'] | undefined
    try {
      await postJson(`${BASE}/${path}`, body, 60_000)
    } catch (error) {
      refused = codeOf(error)
    }
    this.state.update(state => ({ ...state, busy: false, refused }))
    await this.load()
    return refused === undefined
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#poll)
  }
}

function codeOf(error: unknown): HttpRefusal['code'] {
  return error instanceof HttpRefusal ? error.code : 'internal'
}
