import { MoveRefused } from '../../recordings/store/mover.ts'
import { isStoreTrouble } from '../../recordings/store/store-errors.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Events } from '../events.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { CallTiers, MoveCandidate } from '../store/call-tiers.ts'
import { ruleOf, type TierPolicy } from './tier-policy.ts'
import type { Tiers } from './tiers.ts'

const DAY_MS = 86_400_000
const PAGE = 100
/** So many refusals of the store in a row end a run: asking on would only wear it down. */
const MAX_TROUBLES = 3

export type TierSweepOptions = {
  readonly tiers: Pick<Tiers, 'configured' | 'moveOut' | 'resume'>
  readonly rows: CallTiers
  readonly policy: TierPolicy
  readonly events: Events
  readonly accessLog: Pick<AccessLog, 'add'>
  /** The class the record names; undefined when it names none. */
  readonly classOf: (callId: CallId) => Promise<string | undefined>
  /** True: the server is on its way out, nothing is begun. */
  readonly draining: () => boolean
  readonly now?: () => number
}
export type SweepResult = {
  readonly at: string
  readonly moved: number
  /** Why nothing more was moved. */
  readonly ended: 'done' | 'limit' | 'store' | 'draining' | 'closed' | 'off'
}

/** Every hour: goes on with moves that were begun, then moves what has become old enough, one call after the other. */
export class TierSweep {
  readonly #o: TierSweepOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<SweepResult> | undefined
  #closed = false
  #last: SweepResult | undefined
  #alarm = false

  constructor(o: TierSweepOptions) {
    this.#o = o
  }

  get last(): SweepResult | undefined {
    return this.#last
  }

  /** Moves have been waiting for the store longer than the policy allows. */
  get alarm(): boolean {
    return this.#alarm
  }

  /** The first run comes after `firstAfterMs`. */
  start(firstAfterMs = 60_000): void {
    if (this.#closed || !this.#o.tiers.configured) return
    this.#timer = setTimeout(() => {
      void this.run()
        .catch((error: unknown) => this.#o.events.fault('tiers', error))
        .finally(() => this.start(this.#o.policy.everyMinutes * 60_000))
    }, firstAfterMs)
    this.#timer.unref()
  }

  /** One run; a second one asked for meanwhile is the same. */
  run(): Promise<SweepResult> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running?.catch(() => {})
  }

  async #run(): Promise<SweepResult> {
    const { moved, ended } = await this.#moveAll()
    this.#last = { at: new Date(this.#now()).toISOString(), moved, ended }
    await this.#lookForAlarm()
    return this.#last
  }

  async #moveAll(): Promise<Pick<SweepResult, 'moved' | 'ended'>> {
    const { tiers, rows, policy } = this.#o
    if (!tiers.configured) return { moved: 0, ended: 'off' }
    let moved = 0
    let troubles = 0
    /** Undefined: go on. */
    const attempt = async (run: () => Promise<void>): Promise<SweepResult['ended'] | undefined> => {
      if (this.#closed) return 'closed'
      if (this.#o.draining()) return 'draining'
      if (moved >= policy.callsPerRun) return 'limit'
      try {
        await run()
        moved++
        troubles = 0
      } catch (error) {
        if (this.#closed) return 'closed'
        // Gone since it was listed: erased, or its index was lost and is not yet made again.
        if (error instanceof MoveRefused || (error instanceof AppError && error.code === 'not-found')) return undefined
        if (!isStoreTrouble(error)) throw error
        if (++troubles >= MAX_TROUBLES) return 'store'
      }
      return undefined
    }
    for (const row of await rows.underWay()) {
      const ended = await attempt(() => tiers.resume(row))
      if (ended) return { moved, ended }
    }
    for await (const callId of this.#due()) {
      const ended = await attempt(async () => {
        await this.#o.accessLog.add({ user: 'system', callId, action: 'moved', detail: 'to the cold store, by age' })
        await tiers.moveOut(callId)
      })
      if (ended) return { moved, ended }
    }
    return { moved, ended: 'done' }
  }

  async *#due(): AsyncGenerator<CallId> {
    const { policy, rows } = this.#o
    const ages = [...Object.values(policy.classes), policy.otherwise].flatMap(rule => rule.coldAfterDays ?? [])
    if (ages.length === 0) return
    const before = this.#daysAgo(Math.min(...ages))
    let last: MoveCandidate | undefined
    for (;;) {
      const page = await rows.candidates(before, last, PAGE)
      for (const candidate of page) {
        last = candidate
        const { callId, answeredAt } = candidate
        const row = await rows.get(callId)
        if (row?.keep_hot_until && Date.parse(row.keep_hot_until) > this.#now()) continue
        let retentionClass = row?.retention_class ?? undefined
        if (!row) {
          // A record that cannot be read is moved by the rule for the rest, if it can be moved at all.
          retentionClass = await this.#o.classOf(callId).catch(() => undefined)
          await rows.set(callId, { retention_class: retentionClass ?? null })
        }
        const { coldAfterDays } = ruleOf(policy, retentionClass)
        if (coldAfterDays !== null && answeredAt < this.#daysAgo(coldAfterDays)) yield callId
      }
      if (page.length < PAGE) return
    }
  }

  async #lookForAlarm(): Promise<void> {
    const [longest] = (await this.#o.rows.waiting(1)).filter(row => row.waiting_since !== null)
    const waitingMs = longest?.waiting_since ? this.#now() - Date.parse(longest.waiting_since) : 0
    this.#alarm = waitingMs > this.#o.policy.alarmAfterMinutes * 60_000
    if (this.#alarm) this.#o.events.tierAlarm(waitingMs)
  }

  #daysAgo(days: number): string {
    return new Date(this.#now() - days * DAY_MS).toISOString()
  }

  #now(): number {
    return this.#o.now?.() ?? Date.now()
  }
}
