import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../recordings/archive/durable-file.ts'
import type { Remaining } from '../../recordings/retention/certificate.ts'
import { canonicalJson } from '../../recordings/seal/canonical-json.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Database } from '../store/database.ts'
import { PurgePlan } from './purge-plan.ts'

/** How far each purge is: a file while it is under way, so that a lost database does not lose it, and a row for good. */
export class PurgePlans {
  readonly #folder: string
  readonly #db: Database

  constructor(o: { folder: string; db: Database }) {
    this.#folder = o.folder
    this.#db = o.db
  }

  async save(plan: PurgePlan): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeDurably(this.#fileOf(plan.callId), Buffer.from(canonicalJson(plan)), 0o600)
    const row = { run_id: plan.runId, step: plan.step, at: new Date().toISOString(), pending_json: null }
    await this.#db.kysely
      .insertInto('retention_purges')
      .values({ call_id: plan.callId, ...row })
      .onConflict(conflict => conflict.column('call_id').doUpdateSet(row))
      .execute()
  }

  /** The file of a purge that has been certified. */
  async drop(callId: string): Promise<void> {
    await rm(this.#fileOf(callId), { force: true })
  }

  /** Those under way. */
  async underWay(): Promise<PurgePlan[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const plans: PurgePlan[] = []
    for (const name of names.filter(one => /^call_[0-9a-z]{20}\.json$/.test(one)).sort())
      plans.push(PurgePlan.parse(JSON.parse(await readFile(join(this.#folder, name), 'utf8'))))
    return plans
  }

  /** Its certificate has been kept; `remaining` is what could not be destroyed yet. */
  async certified(callId: string, at: string, remaining: readonly Remaining[]): Promise<void> {
    await this.#db.kysely
      .updateTable('retention_purges')
      .set({ step: 'certified', at, pending_json: remaining.length > 0 ? JSON.stringify(remaining) : null })
      .where('call_id', '=', callId)
      .execute()
  }

  /** Certified purges of which something remains. */
  async pending(): Promise<{ readonly callId: CallId; readonly remaining: readonly Remaining[] }[]> {
    const rows = await this.#db.kysely
      .selectFrom('retention_purges')
      .select(['call_id', 'pending_json'])
      .where('pending_json', 'is not', null)
      .execute()
    return rows.map(row => ({
      callId: row.call_id as CallId,
      remaining: JSON.parse(row.pending_json ?? '[]') as Remaining[],
    }))
  }

  #fileOf(callId: string): string {
    return join(this.#folder, `${callId}.json`)
  }
}
