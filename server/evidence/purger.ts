import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Certificate, Destroyed, Remaining } from '../../recordings/retention/certificate.ts'
import { signCertificate } from '../../recordings/retention/certificate.ts'
import { canonicalJson } from '../../recordings/seal/canonical-json.ts'
import type { SealKey } from '../../recordings/seal/seal-key.ts'
import { type CallFiles, NoSuchFile } from '../../recordings/vault/call-files.ts'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { AuditActor } from '../../signaling/protocol/audit.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Database } from '../store/database.ts'
import { forgetCall, scrubDatabase } from '../store/forget-call.ts'
import type { Certificates } from './certificates.ts'
import { PURGE_STEPS, type PurgePlan, type PurgeStep } from './purge-plan.ts'
import { PurgePlans } from './purge-plans.ts'

/** What other parts of the house destroy of a call. All of them must be able to run twice. */
export type PurgeParts = {
  /** Destroys the data key: what is left of the bytes anywhere can never be read again. Undefined: it had none. */
  readonly shred: (callId: CallId) => Promise<{ readonly keys: number } | undefined>
  /** Removes every cold copy; what the store forbids (object lock) or cannot be reached is `remaining`. */
  readonly removeCold: (callId: CallId) => Promise<{
    readonly removed: readonly { where: string; count: number }[]
    readonly remaining: readonly Remaining[]
  }>
  /** Whatever an area keeps outside the call's folder and the tables with a `call_id`. */
  readonly forget: readonly { readonly area: string; readonly forget: (callId: CallId) => Promise<number> }[]
}

export type PurgerOptions = {
  readonly db: Database
  /** Where plans of purges under way lie. */
  readonly plansDir: string
  readonly recordingsDir: string
  readonly certificates: Certificates
  readonly sealKey: SealKey
  readonly parts: PurgeParts
  /** Written before a record goes. */
  readonly audit: (o: { callId: CallId; user: AuditActor; detail: string }) => Promise<void>
  /** For tests: called before each step is carried out and after it was written down. */
  readonly onStep?: (callId: CallId, step: PurgeStep, when: 'before' | 'after') => void | Promise<void>
}

/** Without `error`: it is gone and certified. */
export type PurgeResult = { readonly callId: CallId; readonly error?: unknown }

export type PurgeOrder = {
  readonly callId: CallId
  readonly folder: string
  readonly files: CallFiles
  readonly runId: string
  readonly user: AuditActor
  readonly decision: Certificate['decision']
  readonly holds: Certificate['holds']
  readonly erasures: readonly string[]
}

/**
 * Destroys records, step by step, each written down (in a plan file and the database) before the next. A purge that was
 * begun is always finished: whoever opens the house next goes on where the last one stopped.
 */
export class Purger {
  readonly #o: PurgerOptions
  readonly #plans: PurgePlans

  constructor(o: PurgerOptions) {
    this.#o = o
    this.#plans = new PurgePlans({ folder: o.plansDir, db: o.db })
  }

  /** Writes down that a record goes; from here on there is no way back. @throws when the audit log cannot be written */
  async begin(order: PurgeOrder): Promise<PurgePlan> {
    // Only a record that has none goes without its hashes; one whose store is away waits for it.
    const manifestBytes = await order.files.read('manifest.json').catch((error: unknown) => {
      if (error instanceof NoSuchFile) return undefined
      throw error
    })
    const manifest = manifestBytes && SealedManifest.safeParse(JSON.parse(manifestBytes.toString('utf8'))).data
    const listed = await order.files.list().catch(() => [])
    const plan: PurgePlan = {
      format: 'tongping-purge/1',
      callId: order.callId,
      folder: order.folder,
      step: 'begun',
      runId: order.runId,
      by: order.user === 'system' ? 'timer' : order.user.id,
      startedAt: new Date().toISOString(),
      decision: order.decision,
      holds: [...order.holds],
      erasures: [...order.erasures],
      was: {
        ...(manifestBytes && { manifestSha256: createHash('sha256').update(manifestBytes).digest('hex') }),
        ...(manifest && {
          sealKeyId: manifest.seal.keyId,
          sealedAt: manifest.seal.sealedAt,
        }),
        files: (manifest?.files ?? [])
          .filter(({ path }) => path !== manifest?.journal.file)
          .map(({ sha256, bytes }) => ({ sha256, bytes })),
        derivatives: listed.filter(file => file.path.startsWith('derived/')).length,
      },
      destroyed: [],
      remaining: [],
    }
    await this.#o.audit({
      callId: order.callId,
      user: order.user,
      detail: `${order.decision.because}, class ${order.decision.classId ?? '-'}, policy ${order.decision.policyVersion ?? '-'}`,
    })
    await this.#plans.save(plan)
    return plan
  }

  /** Carries out what was begun; returns what became of each. One record's trouble does not stop the others. */
  async finish(plans: readonly PurgePlan[]): Promise<PurgeResult[]> {
    const results = new Map<CallId, PurgeResult>()
    const alive: PurgePlan[] = []
    const step = async (plan: PurgePlan, until: PurgeStep) => {
      const callId = plan.callId as CallId
      try {
        alive.push(await this.#advance(plan, until))
        results.set(callId, { callId })
      } catch (error) {
        results.set(callId, { callId, error })
      }
    }
    for (const plan of plans) await step(plan, 'forgotten')
    // Writing the database anew is dear: once for all of them, and before anybody certifies anything.
    if (alive.some(plan => plan.step === 'forgotten')) await scrubDatabase(this.#o.db)
    for (const plan of alive.splice(0)) await step(plan, 'certified')
    return [...results.values()]
  }

  /** Finishes what a crash interrupted; before anything else looks at the archive. */
  async resume(): Promise<PurgeResult[]> {
    return this.finish(await this.#plans.underWay())
  }

  /** Tries again what could not be destroyed. Certificates of later parts follow. */
  async retryRemaining(): Promise<void> {
    for (const { callId, remaining: before } of await this.#plans.pending()) {
      const { removed: asked, remaining } = await this.#o.parts.removeCold(callId)
      // A store that had nothing it could give up is no news.
      const removed = asked.filter(one => one.count > 0)
      if (removed.length === 0 && canonicalJson(remaining) === canonicalJson(before)) continue
      const last = await this.#o.certificates.last(callId)
      if (!last) continue
      const { seal: _, ...certificate } = last.certificate
      const issuedAt = new Date().toISOString()
      const signed = signCertificate(
        {
          ...certificate,
          part: certificate.part + 1,
          follows: last.sha256,
          issuedAt,
          destroyed: removed.map(one => ({ what: 'cold-copies', where: one.where, count: one.count, at: issuedAt })),
          remaining: [...remaining],
        },
        this.#o.sealKey,
      )
      await this.#o.certificates.keep(callId, certificate.part + 1, signed.text)
      await this.#plans.certified(callId, issuedAt, remaining)
    }
  }

  async #advance(plan: PurgePlan, until: PurgeStep): Promise<PurgePlan> {
    let now = plan
    while (PURGE_STEPS.indexOf(now.step) < PURGE_STEPS.indexOf(until)) {
      const next = PURGE_STEPS[PURGE_STEPS.indexOf(now.step) + 1]
      if (!next) break
      await this.#o.onStep?.(now.callId as CallId, next, 'before')
      now = { ...(await this.#do(next, now)), step: next }
      if (next === 'certified') await this.#plans.drop(now.callId)
      else await this.#plans.save(now)
      await this.#o.onStep?.(now.callId as CallId, next, 'after')
    }
    return now
  }

  async #do(step: PurgeStep, plan: PurgePlan): Promise<PurgePlan> {
    const callId = plan.callId as CallId
    const at = new Date().toISOString()
    const also = (...destroyed: Destroyed[]) => ({ ...plan, destroyed: [...plan.destroyed, ...destroyed] })
    switch (step) {
      case 'begun':
        return plan
      case 'shredded': {
        const shredded = await this.#o.parts.shred(callId)
        return shredded ? also({ what: 'data-key', where: 'vault', count: shredded.keys, at }) : plan
      }
      case 'cold-removed': {
        // A store that cannot even be asked does not keep the rest alive: it is asked again with the next run.
        const { removed, remaining } = await this.#o.parts.removeCold(callId).catch((error: unknown) => ({
          removed: [],
          remaining: [{ where: 'cold store', reason: error instanceof Error ? error.name : 'unknown' }],
        }))
        const copies = removed.map(one => ({ what: 'cold-copies' as const, where: one.where, count: one.count, at }))
        return { ...also(...copies), remaining: [...remaining] }
      }
      case 'folder-removed':
        return also({ what: 'hot-folder', where: 'recordings', count: await this.#removeFolder(plan), at })
      case 'forgotten': {
        const others: Destroyed[] = []
        for (const { area, forget } of this.#o.parts.forget) {
          const count = await forget(callId)
          if (count > 0) others.push({ what: 'other', where: area, count, at })
        }
        const { rows } = await forgetCall(this.#o.db, callId)
        return also(...others, { what: 'database-rows', where: 'index', count: rows, at })
      }
      case 'certified':
        await this.#certify(plan, at)
        return plan
    }
  }

  /** Out of sight in one step (a half-empty folder would look like a crashed call), then file by file. */
  async #removeFolder(plan: PurgePlan): Promise<number> {
    const going = join(this.#o.recordingsDir, '.purging', plan.callId)
    await mkdir(dirname(going), { recursive: true, mode: 0o700 })
    await removeUnfinished(plan.folder)
    if (existsSync(plan.folder)) await rename(plan.folder, going)
    await removeUnfinished(plan.folder)
    const files = await readdir(going, { recursive: true, withFileTypes: true }).catch(() => [])
    const count = files.filter(file => file.isFile()).length
    await rm(going, { recursive: true, force: true, maxRetries: 5 })
    await rmdir(dirname(plan.folder)).catch(() => {})
    return Math.max(count, plan.was.files.length)
  }

  async #certify(plan: PurgePlan, issuedAt: string): Promise<void> {
    const { format: _, folder: __, step: ___, ...facts } = plan
    const certificate: Certificate = { format: 'tongping-destruction/1', part: 1, issuedAt, ...facts }
    const { text } = signCertificate(certificate, this.#o.sealKey)
    // A crash after writing: the first certificate stands.
    if (!(await this.#o.certificates.last(plan.callId))) await this.#o.certificates.keep(plan.callId, 1, text)
    await this.#plans.certified(plan.callId, issuedAt, plan.remaining)
  }
}

/** Forms of the call that were being made or put aside beside it: left there, they would be taken for the call itself. */
async function removeUnfinished(folder: string): Promise<void> {
  const day = dirname(folder)
  const prefix = `.${basename(folder)}`
  for (const name of await readdir(day).catch(() => [] as string[]))
    if (name === prefix || name.startsWith(`${prefix}.`)) await rm(join(day, name), { recursive: true, force: true })
}
