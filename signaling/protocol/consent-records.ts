import type { Language } from './call.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { ConsentKind } from './scenario.ts'

/** One answer of the caller, as evidence of its own. Times are milliseconds on the call's clock. */
export type ConsentRecord = {
  readonly kind: ConsentKind
  readonly given: boolean
  readonly textVersion: string
  readonly language: Language
  readonly atMs: number
  /** By the caller's own tap, or by the agent for what was said on the telephone. */
  readonly recordedBy: 'caller' | 'agent'
  readonly device?: { readonly userAgent: string; readonly idHash: string }
  readonly withdrawnAtMs?: number
}

/** The answers of one call in their order, folded from its journal; a later answer of the same kind is a record of its own. Pure. */
export function consentRecords(entries: readonly JournalEntry[]): ConsentRecord[] {
  const records: ConsentRecord[] = []
  for (const entry of entries) {
    if (entry.type === 'consent.given') {
      const { kind, given, textVersion, language } = entry.consent
      records.push({
        kind,
        given,
        textVersion,
        language,
        atMs: entry.atMs,
        recordedBy: entry.recordedBy ?? 'caller',
        ...(entry.device && { device: entry.device }),
      })
    } else if (entry.type === 'consent.withdrawn') {
      const at = records.findLastIndex(one => one.kind === entry.kind && one.given && one.withdrawnAtMs === undefined)
      const record = records[at]
      if (record) records[at] = { ...record, withdrawnAtMs: entry.atMs }
    }
  }
  return records
}
