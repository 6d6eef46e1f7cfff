import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Redaction, RedactionItem, Suggestion } from '../../signaling/protocol/redaction.ts'
import { getJson, postJson } from '../shared/http.ts'

/** The face detector loads its model when it is first asked. */
const FACES_TIMEOUT_MS = 180_000

export function redactionsOf(callId: CallId): Promise<readonly Redaction[]> {
  return getJson<{ redactions: readonly Redaction[] }>(`/api/review/calls/${callId}/redactions`).then(
    ({ redactions }) => redactions,
  )
}

/** Of all records: those that wait for their release (for the right `release`), or those that were released. */
export async function redactionsIn(state: 'asked' | 'released'): Promise<readonly Redaction[]> {
  return (await getJson<{ redactions: readonly Redaction[] }>(`/api/review/redactions/${state}`)).redactions
}

export function suggestionsOf(callId: CallId, faces: boolean): Promise<readonly Suggestion[]> {
  return postJson<{ suggestions: readonly Suggestion[] }>(
    `/api/review/calls/${callId}/redactions/suggest`,
    { faces },
    FACES_TIMEOUT_MS,
  ).then(({ suggestions }) => suggestions)
}

/** A new draft, or the next version of one. */
export function saveDraft(
  callId: CallId,
  former: Redaction | undefined,
  draft: { readonly title: string; readonly items: readonly RedactionItem[] },
): Promise<Redaction> {
  return former
    ? postJson<Redaction>(`/api/review/redactions/${former.redactionId}/versions`, {
        basedOn: former.version.version,
        items: draft.items,
      })
    : postJson<Redaction>(`/api/review/calls/${callId}/redactions`, draft)
}

export function applyRedaction(redactionId: string): Promise<Redaction> {
  return postJson<Redaction>(`/api/review/redactions/${redactionId}/apply`, {})
}

export function answerRelease(
  redactionId: string,
  what: 'ask' | 'agree' | 'refuse',
  reason: string,
): Promise<Redaction> {
  return postJson<Redaction>(`/api/review/redactions/${redactionId}/release/${what}`, { reason })
}

/** A file of the copy, by its path in the record. */
export function copyAddress(redactionId: string, path: string): string {
  return `/api/review/redactions/${redactionId}/files/${path.split(`/${redactionId}/`)[1] ?? ''}`
}
