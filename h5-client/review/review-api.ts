import type { ArchiveVerdict, SealedManifest } from '../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { getJson, postJson } from '../shared/http.ts'

export type MuxState = 'sealing' | 'sealed' | 'muxed' | 'mux-failed'
export type ReviewRow = {
  readonly callId: CallId
  readonly from: string
  readonly to: string
  readonly agent: { readonly id: string; readonly name: string }
  readonly answeredAt: string
  readonly durationMs: number
  readonly end: CallEnd
  readonly snapshots: number
  readonly state: MuxState
  readonly cameraMs: number
}
export type ReviewPage = { readonly calls: readonly ReviewRow[]; readonly next?: string }

export type Replay = {
  readonly url: string
  readonly durationMs: number
  readonly peaksUrl: string
  /** The agent's shared screen, on the same clock; absent when nothing was shared. */
  readonly screenUrl?: string
}
export type Access = {
  readonly at: string
  readonly userName: string
  readonly action: string
  readonly detail: string
}
export type OpenedRecord = {
  readonly record: SealedManifest
  readonly entries: readonly JournalEntry[]
  readonly verdict: ArchiveVerdict
  readonly replay: Replay | null
  readonly muxState: MuxState
  readonly access?: readonly Access[]
}
/** Loudest sample (0..1) of every interval, from call clock 0 on. */
export type Peaks = {
  readonly intervalMs: number
  readonly caller: readonly number[]
  readonly agent: readonly number[]
}

/** What the list is asked for. Days are `yyyy-mm-dd` of the reviewer's own zone, both inclusive. */
export type Filters = { readonly number: string; readonly agent: string; readonly from: string; readonly to: string }

/** Verifying hashes every byte of an archive; a long call on a slow disk takes its time. */
const VERIFY_TIMEOUT_MS = 120_000

/** The query of a search; empty filters are left out. */
export function searchQuery(filters: Filters, cursor?: string): string {
  const query = new URLSearchParams()
  const add = (name: string, value: string | undefined) => value && query.set(name, value)
  add('number', filters.number.trim())
  add('agent', filters.agent.trim())
  add('from', filters.from && new Date(`${filters.from}T00:00:00`).toISOString())
  add('to', filters.to && new Date(`${filters.to}T23:59:59.999`).toISOString())
  add('cursor', cursor)
  return query.toString()
}

export function findCalls(filters: Filters, cursor?: string): Promise<ReviewPage> {
  return getJson<ReviewPage>(`/api/review/calls?${searchQuery(filters, cursor)}`)
}

/** The row of one call as it is now; the list is the only place that tells how far the replay is. */
export async function currentRow(row: ReviewRow): Promise<ReviewRow | undefined> {
  const query = new URLSearchParams({ from: row.answeredAt, to: row.answeredAt })
  const { calls } = await getJson<ReviewPage>(`/api/review/calls?${query}`)
  return calls.find(one => one.callId === row.callId)
}

/** Writes the access log first, on the server. */
export function openRecord(callId: CallId, reason: string): Promise<OpenedRecord> {
  return postJson<OpenedRecord>(`/api/review/calls/${callId}/open`, { reason }, VERIFY_TIMEOUT_MS)
}

export function verifyRecord(callId: CallId): Promise<ArchiveVerdict> {
  return postJson<ArchiveVerdict>(`/api/review/calls/${callId}/verify`, {}, VERIFY_TIMEOUT_MS)
}

export function fetchPeaks(url: string): Promise<Peaks> {
  return getJson<Peaks>(url)
}

export function fileAddress(callId: CallId, path: string): string {
  return `/api/review/calls/${callId}/files/${path}`
}

export function replayOf(row: ReviewRow): Replay {
  return {
    url: fileAddress(row.callId, 'derived/replay.webm'),
    durationMs: row.durationMs,
    peaksUrl: fileAddress(row.callId, 'derived/peaks.json'),
  }
}
