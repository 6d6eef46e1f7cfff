import type { AnchorState } from '../../signaling/protocol/anchors.ts'
import type { AuditEntry } from '../../signaling/protocol/audit.ts'
import type { PersonAudit, Watched } from '../../signaling/protocol/review-access.ts'
import { getJson, postJson } from '../shared/http.ts'

export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly next?: number }
export type AuditSearch = Readonly<
  Partial<Record<'user' | 'call' | 'action' | 'from' | 'to' | 'before', string | undefined>>
>
/** What following the whole chain of the access log found. */
export type ChainState = {
  readonly intact: boolean
  readonly entries: number
  readonly marksChecked: number
  readonly problems?: readonly { readonly kind: string }[]
}
/** Following a long chain reads every file of it. */
const VERIFY_TIMEOUT_MS = 120_000

const query = (o: AuditSearch) => {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(o)) if (value) words.set(name, value)
  return words.toString()
}

export function auditLog(search: AuditSearch): Promise<AuditPage> {
  return getJson<AuditPage>(`/api/review/audit?${query(search)}`)
}
export async function auditPeople(from: string, to: string): Promise<readonly PersonAudit[]> {
  const path = `/api/review/audit/people?${query({ from, to })}`
  return (await getJson<{ people: readonly PersonAudit[] }>(path)).people
}
export async function watchedBy(callId: string): Promise<readonly Watched[]> {
  const path = `/api/review/audit/calls/${encodeURIComponent(callId)}`
  return (await getJson<{ watched: readonly Watched[] }>(path)).watched
}
export function verifyChain(): Promise<ChainState> {
  return postJson<ChainState>('/api/review/audit/verify', {}, VERIFY_TIMEOUT_MS)
}
export function anchorState(): Promise<AnchorState> {
  return getJson<AnchorState>('/api/review/anchors')
}
export function checkAnchors(): Promise<unknown> {
  return postJson('/api/review/anchors/check', {}, VERIFY_TIMEOUT_MS)
}
export function acknowledgeAlarm(key: string, reason: string): Promise<unknown> {
  return postJson('/api/review/anchors/acknowledge', { key, reason })
}
