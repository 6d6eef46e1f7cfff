import type { VNode } from 'preact'
import type { Right } from '../../signaling/protocol/rights.ts'
import { AccessCard } from './access-list.tsx'
import { AssignCard } from './assign-card.tsx'
import { CommentsCard } from './comments-card.tsx'
import { EventList } from './event-list.tsx'
import { ExportCard } from './export-card.tsx'
import { FactsCard } from './facts-card.tsx'
import { JobsCard } from './jobs-card.tsx'
import { PageText } from './page-text.tsx'
import { PeopleCard } from './people-card.tsx'
import { PrintTool } from './print-tool.tsx'
import { QualityCard } from './quality-card.tsx'
import type { RecordProps } from './record-props.ts'
import { RedactCard } from './redact-card.tsx'
import { ReleaseTool } from './release-tool.tsx'
import { RetentionCard } from './retention-card.tsx'
import { ScoreCard } from './score-card.tsx'
import { StorageCard } from './storage-card.tsx'
import { TagsCard } from './tags-card.tsx'
import { TrackCard } from './track-card.tsx'

export type RecordPanel = {
  readonly id: string
  /** A `<section class="card">`, or nothing when it has nothing to say. */
  readonly component: (props: RecordProps) => VNode | null
  /** Shown only to people with this right; the server asks again. */
  readonly needs?: Right
}

/** The cards under the verdict, from top to bottom. One more is one more line. */
export const RECORD_PANELS: readonly RecordPanel[] = [
  { id: 'text', component: PageText },
  { id: 'events', component: EventList },
  { id: 'comments', component: CommentsCard },
  { id: 'tags', component: TagsCard },
  { id: 'quality', component: QualityCard },
  { id: 'score', component: ScoreCard },
  { id: 'assign', component: AssignCard, needs: 'lead' },
  { id: 'facts', component: FactsCard },
  { id: 'people', component: PeopleCard },
  { id: 'tracks', component: TrackCard },
  { id: 'jobs', component: JobsCard },
  { id: 'export', component: ExportCard },
  { id: 'redactions', component: RedactCard },
  { id: 'retention', component: RetentionCard },
  { id: 'storage', component: StorageCard, needs: 'retention' },
  { id: 'access', component: AccessCard },
]

/** Buttons above the replay (print, release, export …). One more is one more line. */
export const RECORD_TOOLS: readonly RecordPanel[] = [
  { id: 'print', component: PrintTool },
  { id: 'release', component: ReleaseTool },
]
