import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RecordSpan, RecordSpans } from '../../signaling/protocol/record-span.ts'
import type { RecordStanding } from '../../signaling/protocol/retention.ts'
import type {
  CallPage,
  CallRow,
  CallRule,
  Facets,
  OpenedRecord,
  SavedSearch,
  Seeks,
  Unmasked,
  Verification,
  Watermark,
} from '../../signaling/protocol/review.ts'
import { getJson, postJson } from '../shared/http.ts'
import { type AnsweredRecord, type AnsweredRow, wholeRecord, wholeRow } from './whole-answer.ts'

export type MuxState = CallRow['state']
export type ReviewRow = CallRow
export type { OpenedRecord }

/** Loudest sample (0..1) of every interval, from call clock 0 on. */
export type Peaks = {
  readonly intervalMs: number
  readonly caller: readonly number[]
  readonly agent: readonly number[]
}

/** Verifying hashes every byte of an archive; a long call on a slow disk takes its time. */
const VERIFY_TIMEOUT_MS = 120_000

const queryOf = (rule: CallRule, more: Readonly<Record<string, string | undefined>>) => {
  const query = new URLSearchParams()
  for (const [name, value] of [...Object.entries(rule), ...Object.entries(more)]) if (value) query.set(name, value)
  return query.toString()
}

export async function findCalls(rule: CallRule, cursor?: string): Promise<CallPage> {
  const query = queryOf(rule, { cursor, count: cursor === undefined ? '1' : undefined })
  const page = await getJson<Omit<CallPage, 'calls'> & { calls: readonly AnsweredRow[] }>(`/api/review/calls?${query}`)
  return { ...page, calls: page.calls.map(wholeRow) }
}

/** The row of one call as it is now; the list is the only place that tells how far the replay is. */
export async function currentRow(row: Pick<ReviewRow, 'callId' | 'answeredAt'>): Promise<ReviewRow | undefined> {
  const { calls } = await findCalls({ from: row.answeredAt, to: row.answeredAt })
  return calls.find(one => one.callId === row.callId)
}

export function facets(): Promise<Facets> {
  return getJson<Facets>('/api/review/facets')
}
export async function savedSearches(): Promise<readonly SavedSearch[]> {
  return (await getJson<{ searches: readonly SavedSearch[] }>('/api/review/searches')).searches
}
export function saveSearch(title: string, rule: CallRule, shared: boolean): Promise<SavedSearch> {
  return postJson<SavedSearch>('/api/review/searches', { title, rule, shared })
}
export function removeSearch(searchId: string): Promise<void> {
  return postJson<void>(`/api/review/searches/${searchId}/remove`)
}

const callPath = (callId: CallId, path: string) => `/api/review/calls/${callId}/${path}`

/** Writes the access log first, on the server. */
export async function openRecord(callId: CallId, reason: string): Promise<OpenedRecord> {
  return wholeRecord(await postJson<AnsweredRecord>(callPath(callId, 'open'), { reason }, VERIFY_TIMEOUT_MS))
}
/** Why a record cannot be opened. */
export function recordStanding(callId: CallId): Promise<RecordStanding> {
  return getJson<RecordStanding>(callPath(callId, 'standing'))
}
export function verifyRecord(callId: CallId): Promise<ArchiveVerdict> {
  return postJson<ArchiveVerdict>(callPath(callId, 'verify'), {}, VERIFY_TIMEOUT_MS)
}
export function verification(callId: CallId): Promise<Verification> {
  return getJson<Verification>(callPath(callId, 'verification'))
}
export function unmask(callId: CallId, reason: string): Promise<Unmasked> {
  return postJson<Unmasked>(callPath(callId, 'unmask'), { reason })
}
export function tellSeeks(callId: CallId, seeks: Seeks): Promise<void> {
  return postJson<void>(callPath(callId, 'seeks'), seeks)
}
/** The page prints after the answer: the print stands in the log first. */
export function tellPrint(callId: CallId, detail: string): Promise<Watermark | undefined> {
  return postJson<Watermark | undefined>(callPath(callId, 'prints'), { what: 'record', detail })
}

export function fetchPeaks(url: string): Promise<Peaks> {
  return getJson<Peaks>(url)
}

/** `derived/spans.json`: what the finished recordings say of losses, gaps and crashes. */
export async function fetchSpans(url: string): Promise<readonly RecordSpan[]> {
  return (await getJson<RecordSpans>(url)).spans
}

export function fileAddress(callId: CallId, path: string): string {
  return `/api/review/calls/${callId}/files/${path}`
}

export function replayOf(row: ReviewRow): NonNullable<OpenedRecord['replay']> {
  return {
    url: fileAddress(row.callId, 'derived/replay.webm'),
    durationMs: row.durationMs,
    peaksUrl: fileAddress(row.callId, 'derived/peaks.json'),
    spansUrl: fileAddress(row.callId, 'derived/spans.json'),
  }
}
