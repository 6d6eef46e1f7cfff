import { consentRecords } from '../../signaling/protocol/consent-records.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { QualityRules } from './quality-rules.ts'

/** Whether sound or words of this call may be given to a service, by the caller's last word on `analysis`. */
export function mayAskServices(entries: readonly JournalEntry[], wanted: QualityRules['services']['consent']): boolean {
  const last = consentRecords(entries).findLast(record => record.kind === 'analysis')
  if (last === undefined) return wanted === 'not-refused'
  return last.given && last.withdrawnAtMs === undefined
}
