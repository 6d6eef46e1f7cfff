import type { CallId } from '../../signaling/protocol/ids.ts'
import type { OriginalFile, Release } from '../../signaling/protocol/review-access.ts'
import { getJson, postJson } from '../shared/http.ts'

export async function releases(): Promise<readonly Release[]> {
  return (await getJson<{ releases: readonly Release[] }>('/api/review/releases')).releases
}
export async function originals(callId: CallId): Promise<readonly OriginalFile[]> {
  return (await getJson<{ files: readonly OriginalFile[] }>(`/api/review/calls/${callId}/originals`)).files
}
export function askRelease(callId: CallId, reason: string, files: Release['files']): Promise<Release> {
  return postJson<Release>(`/api/review/calls/${callId}/releases`, { reason, files })
}
export function agreeRelease(releaseId: string, reason: string, validMinutes: number): Promise<Release> {
  return postJson<Release>(`/api/review/releases/${releaseId}/agree`, { reason, validMinutes })
}
export function refuseRelease(releaseId: string, reason: string): Promise<Release> {
  return postJson<Release>(`/api/review/releases/${releaseId}/refuse`, { reason })
}
export function withdrawRelease(releaseId: string): Promise<Release> {
  return postJson<Release>(`/api/review/releases/${releaseId}/withdraw`)
}
export function originalAddress(callId: CallId, path: string): string {
  return `/api/review/calls/${callId}/originals/${path}`
}
