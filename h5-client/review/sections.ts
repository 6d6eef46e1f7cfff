import type { VNode } from 'preact'
import type { Right } from '../../signaling/protocol/rights.ts'
import { AuditSection } from './audit-section.tsx'
import { closedWordsIn } from './closed-words.ts'
import type { DeskOfRecords } from './desk-of-records.ts'
import type { HashRoutes } from './hash-route.ts'
import { LeadSection } from './lead-section.tsx'
import { RecordsSection } from './records-section.tsx'
import { RedactionsSection } from './redactions-section.tsx'
import { ReleaseSection } from './release-section.tsx'
import { RetentionSection } from './retention-section.tsx'
import { retentionWordsIn } from './retention-words.ts'
import type { Speech } from './review-words.ts'
import { StorageSection } from './storage-section.tsx'
import { storageWordsIn } from './storage-words.ts'
import { WorkSection } from './work-section.tsx'

export type SectionProps = {
  readonly desk: DeskOfRecords
  readonly routes: HashRoutes
  /** Who looks, and what this person may do beyond looking. */
  readonly name: string
  readonly rights: readonly Right[]
  /** Undefined from a server older than this page. */
  readonly userId: string | undefined
}

export type Section = {
  /** Its address: `#/<id>`. */
  readonly id: string
  readonly title: (speech: Speech) => string
  readonly component: (props: SectionProps) => VNode | null
  /** Shown only to people with this right (any of these); the server asks again. */
  readonly needs?: Right | readonly Right[]
}

/** The rooms of the console, in the order of the bar at the top. One more is one more line. */
export const SECTIONS: readonly Section[] = [
  { id: 'records', title: ({ words }) => words.sections.records, component: RecordsSection },
  { id: 'work', title: ({ words }) => words.work.sections.work, component: WorkSection },
  { id: 'release', title: ({ words }) => words.work.sections.release, component: ReleaseSection },
  { id: 'redactions', title: ({ language }) => closedWordsIn(language).redactions, component: RedactionsSection },
  { id: 'lead', title: ({ words }) => words.work.sections.lead, component: LeadSection, needs: 'lead' },
  {
    id: 'retention',
    title: ({ language }) => retentionWordsIn(language).title,
    component: RetentionSection,
    needs: 'retention',
  },
  {
    id: 'storage',
    title: ({ language }) => storageWordsIn(language).title,
    component: StorageSection,
    needs: 'retention',
  },
  { id: 'audit', title: ({ words }) => words.work.sections.audit, component: AuditSection, needs: 'audit' },
]

export function sectionsFor(rights: readonly Right[]): readonly Section[] {
  return SECTIONS.filter(({ needs }) => needs === undefined || [needs].flat().some(right => rights.includes(right)))
}
