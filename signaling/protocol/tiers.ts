import type { CallId } from './ids.ts'

/** Where a record's bytes are, as the console shows it. */
export type TierRow = {
  readonly callId: CallId
  readonly tier: 'hot' | 'cold'
  readonly state: 'settled' | 'copying' | 'clearing' | 'fetching' | 'refused'
  readonly since?: string
  readonly files: number
  readonly bytes: number
  readonly reason: string | null
  readonly waitingSince: string | null
  readonly lockedUntil: string | null
}

/** Answer of `GET /api/review/tiers`. */
export type TierOverview = {
  readonly store?: {
    readonly name: string
    /** `ok`, or why not. */
    readonly state: string
    readonly objectLock?: boolean
  }
  readonly counts: readonly {
    readonly tier: TierRow['tier']
    readonly state: TierRow['state']
    readonly calls: number
    readonly bytes: number
  }[]
  readonly waiting: readonly TierRow[]
  readonly alarm: boolean
  readonly lastRun: { readonly at: string; readonly moved: number; readonly ended: string } | null
  readonly locks: boolean
}
