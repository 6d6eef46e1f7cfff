import {
  type DailyDigest,
  DIGEST_FORMAT,
  dayAfter,
  digestHash,
  signDigest,
} from '../../../recordings/anchor/daily-digest.ts'
import type { DigestFolder } from '../../../recordings/anchor/digest-folder.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Events } from '../../events.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Stamps } from '../../store/stamps.ts'

/** Made later than this after its day, a digest counts as late. */
const IN_TIME_MS = 3_600_000

/** A certificate of destruction, as the digest names it. */
export type Erasure = { readonly callId: CallId; readonly certificateSha256: string; readonly issuedAt: string }
export type RememberedDigest = { readonly day: string; readonly sha256: string }

export type DigestMakerOptions = {
  readonly local: DigestFolder
  readonly published: DigestFolder | undefined
  readonly rows: Stamps
  readonly accessLog: AccessLog
  readonly sealKey: SealKey
  readonly events: Events
  readonly erasures: () => Promise<readonly Erasure[]>
  readonly nowMs: () => number
}

/** Makes the digest of each day that is over, each day once and in order; holes in the middle are never filled afterwards. */
export class DigestMaker {
  readonly #o: DigestMakerOptions
  constructor(o: DigestMakerOptions) {
    this.#o = o
  }

  /** Digests the access log says were made. */
  async remembered(): Promise<RememberedDigest[]> {
    const found: RememberedDigest[] = []
    for (let before: number | undefined; ; ) {
      const page = await this.#o.accessLog.search({ action: 'anchored', limit: 200, before })
      for (const { detail } of page.entries) {
        const [day = '', sha256 = ''] = detail.split(' ')
        found.push({ day, sha256 })
      }
      if (page.next === undefined) return found.reverse()
      before = page.next
    }
  }

  /** At start: rows and log entries of digests that a crash, or a lost database, left out. */
  async catchUp(): Promise<void> {
    const remembered = new Set((await this.remembered()).map(one => one.day))
    for (const { day, sha256, digest } of await this.#o.local.all()) {
      if (!digest) continue
      await this.#o.rows.anchored(day, itemsOf(digest))
      if (!remembered.has(day))
        await this.#o.accessLog.add({ user: 'system', action: 'anchored', detail: `${day} ${sha256}` })
    }
  }

  /** The days made now. @throws the file system's error; the next attempt goes on */
  async makeMissing(alarms: readonly string[]): Promise<string[]> {
    const today = new Date(this.#o.nowMs()).toISOString().slice(0, 10)
    const newest = await this.#newest()
    const firstDay = await this.#o.accessLog.firstDay()
    const made: string[] = []
    let previous = newest
    for (let day = newest ? dayAfter(newest.day) : (firstDay ?? today); day < today; day = dayAfter(day)) {
      previous = await this.#make(day, previous, alarms)
      made.push(day)
    }
    return made
  }

  /** The newest digest anybody knows of: ours, a published one, or one the log remembers. The chain never forks from an older one. */
  async #newest(): Promise<(RememberedDigest & { number: number }) | undefined> {
    const remembered = await this.remembered()
    const known = remembered.map((one, index) => ({ ...one, number: index }))
    for (const folder of [this.#o.local, this.#o.published]) {
      const day = (await folder?.days().catch(() => []))?.at(-1)
      const kept = day === undefined ? undefined : await folder?.read(day)
      if (kept) known.push({ day: kept.day, sha256: kept.sha256, number: kept.digest?.number ?? known.length })
    }
    return known.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.number - b.number)).at(-1)
  }

  async #make(day: string, previous: (RememberedDigest & { number: number }) | undefined, alarms: readonly string[]) {
    const { rows, accessLog, sealKey, local, events, nowMs } = this.#o
    const end = `${dayAfter(day)}T00:00:00.000Z`
    const named = await rows.anchoredErasures()
    const erasures = (await this.#o.erasures()).filter(one => !named.has(one.certificateSha256) && one.issuedAt < end)
    const madeAtMs = nowMs()
    // What is anchored must not be lost by a power cut a moment later.
    await accessLog.flush()
    const digest: DailyDigest = {
      format: DIGEST_FORMAT,
      day,
      number: previous ? previous.number + 1 : 0,
      previous: previous ? { day: previous.day, sha256: previous.sha256 } : null,
      madeAt: new Date(madeAtMs).toISOString(),
      late: madeAtMs > Date.parse(end) + IN_TIME_MS,
      calls: await rows.callsToAnchor(end),
      erasures: [...erasures].sort((a, b) => (a.certificateSha256 < b.certificateSha256 ? -1 : 1)),
      accessLog: accessLog.mark,
      alarms: [...alarms],
    }
    const bytes = signDigest(digest, sealKey)
    const sha256 = digestHash(bytes)
    await local.put(day, bytes)
    await rows.anchored(day, itemsOf(digest))
    await accessLog.add({ user: 'system', action: 'anchored', detail: `${day} ${sha256}` })
    events.digestMade(day, digest.late, digest.calls.length)
    return { day, sha256, number: digest.number }
  }
}

function itemsOf(digest: DailyDigest) {
  return [
    ...digest.calls.map(call => ({ kind: 'call' as const, id: call.callId, sha256: call.manifestSha256 })),
    ...digest.erasures.map(one => ({ kind: 'erasure' as const, id: one.callId, sha256: one.certificateSha256 })),
  ]
}
