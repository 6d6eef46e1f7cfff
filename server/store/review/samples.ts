import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { DrawSample, Sample, SampleMethod } from '../../../signaling/protocol/review-work.ts'
import { type Candidate, type Drawn, populationHash } from '../../review/draw-sample.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'

type Person = { readonly id: UserId; readonly name: string }
export type KeptSample = Sample & { readonly populationIds: readonly CallId[] }

/** Every drawing with its seed and what it was drawn from, so that it can be repeated. */
export class Samples {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(
    by: Person,
    o: Omit<DrawSample, 'seed' | 'assign'> & {
      seed: string
      candidates: readonly Candidate[]
      drawn: readonly Drawn[]
    },
  ): Promise<string> {
    const sampleId = reviewId('draw')
    const ids = o.candidates.map(one => one.callId).sort()
    await this.#db.kysely.transaction().execute(async tx => {
      await tx
        .insertInto('samples')
        .values({
          sample_id: sampleId,
          title: o.title,
          rule_json: JSON.stringify(o.rule),
          method_json: JSON.stringify(o.method),
          without_earlier: o.withoutEarlier ? 1 : 0,
          seed: o.seed,
          drawn_by: by.id,
          drawn_by_name: by.name,
          drawn_at: new Date().toISOString(),
          population_json: JSON.stringify(ids),
          population_sha256: populationHash(ids),
        })
        .execute()
      for (const one of o.drawn)
        await tx
          .insertInto('sample_calls')
          .values({
            sample_id: sampleId,
            call_id: one.callId,
            place: one.place,
            stratum: one.stratum,
            of_stratum: one.ofStratum,
            ticket: one.ticket,
          })
          .execute()
    })
    return sampleId
  }

  async list(): Promise<Sample[]> {
    const samples = await this.#read()
    return samples.map(({ populationIds: _, ...sample }) => sample)
  }

  /** @throws AppError `not-found` */
  async get(sampleId: string): Promise<KeptSample> {
    const [sample] = await this.#read(sampleId)
    if (!sample) throw new AppError('not-found', 'no such sample')
    return sample
  }

  async calls(sampleId: string): Promise<Drawn[]> {
    const rows = await this.#db.kysely
      .selectFrom('sample_calls')
      .selectAll()
      .where('sample_id', '=', sampleId)
      .orderBy('stratum')
      .orderBy('place')
      .execute()
    return rows.map(row => ({
      callId: row.call_id as CallId,
      place: row.place,
      stratum: row.stratum,
      ofStratum: row.of_stratum,
      ticket: row.ticket,
    }))
  }

  /** Calls that were in any sample. */
  async everDrawn(): Promise<Set<string>> {
    const rows = await this.#db.kysely.selectFrom('sample_calls').select('call_id').distinct().execute()
    return new Set(rows.map(row => row.call_id))
  }

  async #read(sampleId?: string): Promise<KeptSample[]> {
    let query = this.#db.kysely.selectFrom('samples').selectAll().orderBy('drawn_at', 'desc')
    if (sampleId !== undefined) query = query.where('sample_id', '=', sampleId)
    const rows = await query.execute()
    const sizes = await this.#db.kysely
      .selectFrom('sample_calls')
      .select(eb => ['sample_id', eb.fn.countAll<number>().as('n')])
      .groupBy('sample_id')
      .execute()
    const done = await this.#db.kysely
      .selectFrom('assignments')
      .select(eb => ['sample_id', eb.fn.count<number>('call_id').distinct().as('n')])
      .where('state', '=', 'done')
      .groupBy('sample_id')
      .execute()
    const nOf = (list: readonly { sample_id: string | null; n: number }[], id: string) =>
      Number(list.find(one => one.sample_id === id)?.n ?? 0)
    return rows.map(row => {
      const populationIds = JSON.parse(row.population_json) as CallId[]
      return {
        sampleId: row.sample_id,
        title: row.title,
        rule: JSON.parse(row.rule_json) as Record<string, string>,
        method: JSON.parse(row.method_json) as SampleMethod,
        withoutEarlier: row.without_earlier === 1,
        seed: row.seed,
        by: { id: row.drawn_by, name: row.drawn_by_name },
        at: row.drawn_at,
        population: populationIds.length,
        populationSha256: row.population_sha256,
        size: nOf(sizes, row.sample_id),
        done: nOf(done, row.sample_id),
        populationIds,
      }
    })
  }
}
