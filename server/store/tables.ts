import type { Generated } from 'kysely'
import type { AuditTables } from './steps/audit-step.ts'
import type { JobsTables } from './steps/jobs-step.ts'
import type { QualityTables } from './steps/quality-step.ts'
import type { RedactionTables } from './steps/redaction-step.ts'
import type { RetentionTables } from './steps/retention-step.ts'
import type { ReviewTables } from './steps/review-step.ts'
import type { TiersTables } from './steps/tiers-step.ts'
import type { UsersTables } from './steps/users-step.ts'

/** All times are ISO 8601 in UTC, all durations milliseconds. */
export type Tables = BaseTables &
  AuditTables &
  JobsTables &
  QualityTables &
  RedactionTables &
  RetentionTables &
  ReviewTables &
  TiersTables &
  UsersTables

type BaseTables = {
  users: {
    id: string
    name: string
    display_name: string
    role: 'agent' | 'reviewer' | 'supervisor'
    rights_json: string
    password_hash: string
    created_at: string
    disabled_at: string | null
    sessions_from: string | null
    desk_phone: string | null
    speaks_by: 'browser' | 'phone'
  }
  /** An index over the archives; it can be rebuilt from them at any time. */
  calls: {
    call_id: string
    from_number: string
    to_number: string
    agent_id: string
    agent_name: string
    answered_at: string
    duration_ms: number
    end_json: string
    snapshots: number
    camera_ms: number
    folder: string
    state: 'sealing' | 'sealed' | 'muxed' | 'mux-failed'
  }
  access_log: {
    seq: Generated<number>
    at: string
    user_id: string
    user_name: string
    call_id: string
    action: 'open' | 'verify' | 'file'
    detail: string
  }
  /** One row for each version of a diagram; `file` lies in the library's folder. */
  diagrams: {
    diagram_id: string
    version: number
    product: string
    fault: string
    title: string
    file: string
    type: 'image/webp' | 'image/jpeg' | 'image/png'
    sha256: string
    width_px: number
    height_px: number
    added_at: string
    removed_at: string | null
  }
  schema_version: { version: number }
}
