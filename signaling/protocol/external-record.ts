import type { ExternalName, VoicePlace } from './external.ts'
import type { JournalEntry } from './journal-entry.ts'

export type ExternalRecord = ExternalName & { voice: Exclude<VoicePlace, 'here'> }

/** What the manifest says of a call that was held elsewhere; undefined for a call of ours. Pure. */
export function externalRecord(entries: readonly JournalEntry[]): ExternalRecord | undefined {
  const external = entries.find(entry => entry.type === 'call.external')
  if (external?.type !== 'call.external') return undefined
  const recorded = entries.some(entry => entry.type === 'voice.attached')
  return { ...external.name, voice: recorded ? 'recorded' : 'elsewhere' }
}
