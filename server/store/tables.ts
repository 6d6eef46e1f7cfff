import type { Generated } from 'kysely'

/** All times are ISO 8601 in UTC, all durations milliseconds. */
export type Tables = {
  users: {
    id: string
    name: string
    display_name: string
    role: 'agent' | 'reviewer'
    password_hash: string
    created_at: string
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
  schema_version: { version: number }
}
