import { setTimeout as sleep } from 'node:timers/promises'
import { checkAnchors } from '../../../recordings/anchor/check-anchors.ts'
import type { DigestFolder, KeptDigest } from '../../../recordings/anchor/digest-folder.ts'
import { TimestampError } from '../../../recordings/anchor/timestamp-error.ts'
import type { TsaClient } from '../../../recordings/anchor/tsa-client.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import { type AnchorAlarm, type AnchorState, alarmKey } from '../../../signaling/protocol/anchors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Events } from '../../events.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Stamps } from '../../store/stamps.ts'
import type { CallStamps } from './call-stamps.ts'
import type { DigestMaker, Erasure } from './digest-maker.ts'
import type { DigestPublisher } from './digest-publisher.ts'

const TICK_MS = 20_000
const DAY_MS = 86_400_000
/** What should long have been done and is not: an alarm. */
const OVERDUE_MS = 3_600_000
const RETRY_MS = 60_000

export type AnchorsOptions = {
  readonly local: DigestFolder
  readonly maker: DigestMaker
  readonly publisher: DigestPublisher
  readonly callStamps: CallStamps
  readonly rows: Stamps
  readonly tsa: TsaClient | undefined
  readonly authorities: readonly string[]
  readonly accessLog: AccessLog
  readonly sealKey: SealKey
  readonly events: Events
  readonly erasures: () => Promise<readonly Erasure[]>
  readonly manifestSha256: (callId: CallId) => Promise<string | 'unreachable' | undefined>
  readonly nowMs: () => number
}

/** Holds what happened here to what cannot be changed from here: stamps, daily digests, their copies, and the comparison of all. */
export class Anchors {
  readonly #o: AnchorsOptions
  readonly #closing = new AbortController()
  #found: readonly AnchorAlarm[] = []
  #pending: readonly AnchorAlarm[] = []
  #acknowledged: ReadonlySet<string> = new Set()
  readonly #told = new Set<string>()
  #checkedAt: string | undefined
  #retryAtMs = 0
  #numbers = { stamped: 0, waiting: 0 }
  #last: KeptDigest | undefined
  #digests = 0
  readonly #unpublished = new Set<string>()
  /** Stamped and published: nothing is left to do. */
  readonly #settled = new Set<string>()
  #running: Promise<void> = Promise.resolve()

  constructor(o: AnchorsOptions) {
    this.#o = o
    o.events.observeAnchors(() => this.#gauges())
  }

  /** Runs until closed. Nothing waits for it, and nothing in it can stop the server. */
  start(): void {
    this.#running = this.#run()
  }

  /** One round: note new seals, stamp, make the digests of days that are over, publish, judge. */
  async tick(): Promise<void> {
    const { callStamps, maker, events } = this.#o
    await callStamps.note()
    try {
      const made = await maker.makeMissing(this.openAlarms)
      if (made.length > 0 || this.#checkedAt === undefined) await this.check()
    } catch (error) {
      events.fault('anchors', error)
    }
    await callStamps.stampWaiting()
    if (this.#o.nowMs() >= this.#retryAtMs) await this.#stampAndPublish()
    await this.#judgePending()
  }

  /** Compares chain, copies, log and records with each other, now. */
  async check(): Promise<AnchorState> {
    const { local, publisher, maker, accessLog, sealKey, authorities, manifestSha256, nowMs } = this.#o
    const certificates = new Map<string, Set<string>>()
    for (const { callId, certificateSha256 } of await this.#o.erasures())
      certificates.set(callId, (certificates.get(callId) ?? new Set()).add(certificateSha256))
    this.#found = await checkAnchors({
      local,
      published: publisher.folder ? [publisher.folder] : [],
      remembered: await maker.remembered(),
      verifyLog: marks => accessLog.verify(marks),
      manifestSha256,
      certificates,
      fromDay: await accessLog.firstDay(),
      toDay: new Date(nowMs() - DAY_MS).toISOString().slice(0, 10),
      trustedKeyIds: [sealKey.keyId],
      authorities,
    })
    this.#checkedAt = new Date(nowMs()).toISOString()
    await this.#judgePending()
    return this.state()
  }

  async state(): Promise<AnchorState> {
    const last = this.#last?.digest
    return {
      lastDigest: last && this.#last && { day: last.day, sha256: this.#last.sha256, late: last.late },
      digests: this.#digests,
      stamps: { configured: this.#o.tsa !== undefined, ...this.#numbers },
      published: { configured: this.#o.publisher.isConfigured, waitingDays: this.#unpublished.size },
      alarms: this.#alarms.map(alarm => {
        const key = alarmKey(alarm)
        return { alarm, key, acknowledged: this.#acknowledged.has(key) }
      }),
      checkedAt: this.#checkedAt,
    }
  }

  get local(): DigestFolder {
    return this.#o.local
  }

  /** What the digests, here and published, say of the access log. */
  async marks(): Promise<{ entries: number; head: string }[]> {
    const { local, publisher } = this.#o
    const kept = [...(await local.all()), ...((await publisher.folder?.all().catch(() => [])) ?? [])]
    return kept.flatMap(({ digest }) => (digest ? [digest.accessLog] : []))
  }

  /** Keys of alarms nobody has explained yet. */
  get openAlarms(): string[] {
    return this.#alarms.map(alarmKey).filter(key => !this.#acknowledged.has(key))
  }

  /** The alarm stays in the log and in the digests; it no longer calls for somebody. */
  async acknowledge(key: string, by: { id: UserId; name: string }, reason: string) {
    await this.#o.accessLog.add({ user: by, action: 'anchor-acknowledged', detail: `${key}: ${reason}` })
    await this.#o.rows.acknowledge(key, by.name, reason)
    this.#acknowledged = await this.#o.rows.acknowledged()
    return this.state()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#o.callStamps.close()
    this.#o.publisher.close()
    await this.#running
  }

  get #alarms(): AnchorAlarm[] {
    return [...new Map([...this.#found, ...this.#pending].map(alarm => [alarmKey(alarm), alarm])).values()]
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    await this.#o.maker.catchUp().catch(error => this.#o.events.fault('anchors', error))
    while (!signal.aborted) {
      await this.tick().catch(error => {
        if (!signal.aborted) this.#o.events.fault('anchors', error)
      })
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #stampAndPublish(): Promise<void> {
    const { local, publisher, tsa } = this.#o
    for (const day of await local.days()) {
      if (this.#closing.signal.aborted) return
      if (this.#settled.has(day)) continue
      const kept = await local.read(day)
      if (!kept?.digest) continue
      const stamped = kept.stamp ? kept : await this.#stamp(kept)
      const isPublished = await publisher.publish(stamped)
      if (isPublished) this.#unpublished.delete(day)
      else this.#unpublished.add(day)
      if (isPublished && (stamped.stamp || !tsa)) this.#settled.add(day)
    }
    this.#retryAtMs = this.#o.nowMs() + RETRY_MS
  }

  async #stamp(kept: KeptDigest): Promise<KeptDigest> {
    const { tsa, local, events } = this.#o
    if (!tsa) return kept
    try {
      const { response } = await tsa.stamp(kept.bytes)
      await local.putStamp(kept.day, response)
      events.stamped('stamped')
      return { ...kept, stamp: Buffer.from(response) }
    } catch (error) {
      if (!this.#closing.signal.aborted)
        events.stamped(error instanceof TimestampError ? error.fault : 'not-kept', error)
      return kept
    }
  }

  /** What can be seen without comparing everything, at every round. */
  async #judgePending(): Promise<void> {
    const { local, rows, tsa, nowMs, accessLog } = this.#o
    const pending: AnchorAlarm[] = []
    const days = await local.days()
    const nowAtMs = nowMs()
    const due = new Date(nowAtMs - DAY_MS - OVERDUE_MS).toISOString().slice(0, 10)
    const firstDay = await accessLog.firstDay()
    if (firstDay !== undefined && firstDay <= due && !days.includes(due))
      pending.push({ kind: 'digest-missing', day: due })
    const lastDay = days.at(-1)
    this.#last = lastDay === undefined ? undefined : await local.read(lastDay)
    this.#digests = days.length
    const overdue = (kept: KeptDigest | undefined) =>
      kept?.digest !== undefined && Date.parse(kept.digest.madeAt) < nowAtMs - OVERDUE_MS
    if (tsa && overdue(this.#last) && !this.#last?.stamp)
      pending.push({ kind: 'digest-unstamped', day: this.#last?.day ?? '' })
    for (const day of this.#unpublished)
      if (overdue(await local.read(day))) pending.push({ kind: 'digest-unpublished', day })
    const counts = await rows.counts(new Date(nowAtMs - OVERDUE_MS).toISOString())
    this.#numbers = { stamped: counts.stamped, waiting: counts.waiting }
    if (tsa && counts.overdue > 0) pending.push({ kind: 'seals-unstamped', count: counts.overdue })
    this.#pending = pending
    this.#acknowledged = await rows.acknowledged()
    await this.#tell()
  }

  /** Each alarm is told once for as long as it stands; it is an entry of the access log too. */
  async #tell(): Promise<void> {
    const alarms = this.#alarms
    const keys = new Set(alarms.map(alarmKey))
    for (const key of this.#told) if (!keys.has(key)) this.#told.delete(key)
    for (const alarm of alarms) {
      const key = alarmKey(alarm)
      if (this.#told.has(key)) continue
      this.#told.add(key)
      if (this.#acknowledged.has(key)) continue
      this.#o.events.anchorAlarm(alarm.kind, key)
      await this.#o.accessLog.add({ user: 'system', action: 'anchor-alarm', detail: key })
    }
  }

  #gauges(): Record<string, number> {
    const last = this.#last?.day
    return {
      alarms: this.openAlarms.length,
      'seals-waiting': this.#numbers.waiting,
      'seals-stamped': this.#numbers.stamped,
      'digests-unpublished': this.#unpublished.size,
      'days-since-digest': last === undefined ? 0 : Math.floor((this.#o.nowMs() - Date.parse(last)) / DAY_MS) - 1,
    }
  }
}
