import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { CallEnd } from '../../../signaling/protocol/call.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { CallPage, CallQuery, CallRow, Facet, Facets, TextHit } from '../../../signaling/protocol/review.ts'
import type { CallFlag, TextKind } from '../../../signaling/protocol/review-kinds.ts'
import { excerptOf } from '../../review/excerpt.ts'
import { maskNumber } from '../../review/mask-number.ts'
import { plainWords } from '../../review/plain-text.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

const PAGE_ROWS = 50
const HITS_A_ROW = 3
/** Shorter words have no trigram: they are looked for in the texts themselves. */
const TRIGRAM = 3
/** Milliseconds; `scored` and the like are answered by the newest revision of each score. */
type Found = SelectQueryBuilder<Tables, 'calls', object>

/** Finding records. Everything that leaves here has its numbers masked. */
export class RecordSearch {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  /** Newest first, fifty at a time. */
  async page(
    query: CallQuery,
    o: { cursor?: string | undefined; count?: boolean | undefined } = {},
  ): Promise<CallPage> {
    let page = this.#filtered(query)
    const [at, id] = o.cursor?.split('|') ?? []
    if (at && id) page = page.where(sql<boolean>`(calls.answered_at, calls.call_id) < (${at}, ${id})`)
    const rows = await page
      .leftJoin('call_facts', 'call_facts.call_id', 'calls.call_id')
      .selectAll('calls')
      .select(['call_facts.scenario', 'call_facts.scenario_title_json'])
      .orderBy('calls.answered_at', 'desc')
      .orderBy('calls.call_id', 'desc')
      .limit(PAGE_ROWS + 1)
      .execute()
    const shown = rows.slice(0, PAGE_ROWS)
    const last = rows.length > PAGE_ROWS ? shown.at(-1) : undefined
    const total = o.count ? await this.count(query) : undefined
    return {
      calls: await this.#complete(shown, query),
      ...(last && { next: `${last.answered_at}|${last.call_id}` }),
      ...(total !== undefined && { total }),
    }
  }

  async count(query: CallQuery): Promise<number> {
    const { n } = await this.#filtered(query)
      .select(eb => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  /** Everything the rule finds, by id, with what strata are made of: for drawing samples. */
  async population(query: CallQuery): Promise<{ callId: CallId; agentId: string; answeredAt: string }[]> {
    const rows = await this.#filtered(query)
      .select(['calls.call_id', 'calls.agent_id', 'calls.answered_at'])
      .orderBy('calls.answered_at', 'desc')
      .orderBy('calls.call_id', 'desc')
      .execute()
    return rows.map(row => ({ callId: row.call_id as CallId, agentId: row.agent_id, answeredAt: row.answered_at }))
  }

  async row(callId: CallId): Promise<CallRow | undefined> {
    const row = await this.#db.kysely
      .selectFrom('calls')
      .leftJoin('call_facts', 'call_facts.call_id', 'calls.call_id')
      .selectAll('calls')
      .select(['call_facts.scenario', 'call_facts.scenario_title_json'])
      .where('calls.call_id', '=', callId)
      .executeTakeFirst()
    return row && (await this.#complete([row], {}))[0]
  }

  async facets(): Promise<Facets> {
    const db = this.#db.kysely
    // What no search finds is not counted either: a count that outlives it would tell that there is something.
    const [agents, scenarios, tags, flags, reviewers] = await Promise.all([
      db
        .selectFrom('calls')
        .where(findable('calls.call_id'))
        .select(eb => ['agent_id as id', eb.fn.max('agent_name').as('name'), eb.fn.countAll<number>().as('calls')])
        .groupBy('agent_id')
        .orderBy('name')
        .execute(),
      db
        .selectFrom('call_facts')
        .select(eb => [
          'scenario as id',
          eb.fn.max('scenario_title_json').as('title'),
          eb.fn.countAll<number>().as('calls'),
        ])
        .where('scenario', 'is not', null)
        .where(findable('call_facts.call_id'))
        .groupBy('scenario')
        .orderBy('scenario')
        .execute(),
      db
        .selectFrom('tags')
        .select(eb => ['tag', eb.fn.countAll<number>().as('calls')])
        .where('removed_at', 'is', null)
        .where(findable('tags.call_id'))
        .groupBy('tag')
        .orderBy('calls', 'desc')
        .limit(200)
        .execute(),
      db
        .selectFrom('call_flags')
        .select(eb => ['flag', eb.fn.countAll<number>().as('calls')])
        .where(findable('call_flags.call_id'))
        .groupBy('flag')
        .execute(),
      db
        .selectFrom('users')
        .select(['id', 'display_name'])
        .where('role', '=', 'reviewer')
        .orderBy('display_name')
        .execute(),
    ])
    return {
      agents: agents.map(one => ({ id: one.id, name: one.name, calls: Number(one.calls) })),
      scenarios: scenarios.map(one => ({ ...facet(one.id, one.title), calls: Number(one.calls) })),
      tags: tags.map(one => ({ tag: one.tag, calls: Number(one.calls) })),
      flags: flags.map(one => ({ flag: one.flag as CallFlag, calls: Number(one.calls) })),
      reviewers: reviewers.map(one => ({ id: one.id, name: one.display_name })),
    }
  }

  #filtered(query: CallQuery): Found {
    let found: Found = this.#db.kysely.selectFrom('calls').where(findable('calls.call_id'))
    if (query.number) {
      const like = likeOf(query.number)
      found = found.where(
        sql<boolean>`(calls.from_number like ${like} escape '\\' or calls.to_number like ${like} escape '\\')`,
      )
    }
    if (query.customer) {
      const like = likeOf(query.customer)
      found = found.where(
        sql<boolean>`(calls.from_number like ${like} escape '\\' or calls.call_id in (
          select r.call_id from call_references r where r.reference like ${like} escape '\\'
          and r.reference_id = (select max(s.reference_id) from call_references s where s.call_id = r.call_id)))`,
      )
    }
    if (query.agent) found = found.where(sql<boolean>`calls.agent_name like ${likeOf(query.agent)} escape '\\'`)
    if (query.agentId) found = found.where('calls.agent_id', '=', query.agentId)
    if (query.from) found = found.where('calls.answered_at', '>=', new Date(query.from).toISOString())
    if (query.to) found = found.where('calls.answered_at', '<=', new Date(query.to).toISOString())
    if (query.minDurationMs !== undefined) found = found.where('calls.duration_ms', '>=', query.minDurationMs)
    if (query.maxDurationMs !== undefined) found = found.where('calls.duration_ms', '<=', query.maxDurationMs)
    if (query.camera !== undefined) found = found.where('calls.camera_ms', query.camera ? '>' : '=', 0)
    if (query.pictures !== undefined) found = found.where('calls.snapshots', query.pictures ? '>' : '=', 0)
    const { ends } = query
    if (ends?.length)
      found = found.where(eb => eb.or(ends.map(cause => eb('calls.end_json', 'like', `{"cause":"${cause}"%`))))
    const { scenario } = query
    if (scenario)
      found = found.where(eb =>
        eb('calls.call_id', 'in', eb.selectFrom('call_facts').select('call_id').where('scenario', '=', scenario)),
      )
    for (const flag of query.flags ?? []) found = found.where(eb => eb('calls.call_id', 'in', flagged(eb, flag)))
    for (const flag of query.withoutFlags ?? [])
      found = found.where(eb => eb('calls.call_id', 'not in', flagged(eb, flag)))
    for (const tag of query.tags ?? [])
      found = found.where(eb =>
        eb(
          'calls.call_id',
          'in',
          eb.selectFrom('tags').select('call_id').where('tag', '=', tag).where('removed_at', 'is', null),
        ),
      )
    if (query.scored !== undefined) {
      const scored = sql<string>`(select call_id from scores where state = 'final')`
      found = found.where('calls.call_id', query.scored ? 'in' : 'not in', scored)
    }
    for (const word of wordsOf(query.text))
      found = found.where(sql<boolean>`calls.call_id in (${textsWith(word, query.textKinds, sql`t.call_id`)})`)
    return found
  }

  async #complete(rows: readonly RowOfCall[], query: CallQuery): Promise<CallRow[]> {
    if (rows.length === 0) return []
    const ids = rows.map(row => row.call_id)
    const db = this.#db.kysely
    const [flags, tags, references, hits] = await Promise.all([
      db.selectFrom('call_flags').selectAll().where('call_id', 'in', ids).orderBy('flag').execute(),
      db
        .selectFrom('tags')
        .select(['call_id', 'tag'])
        .where('call_id', 'in', ids)
        .where('removed_at', 'is', null)
        .orderBy('tag')
        .execute(),
      db.selectFrom('call_references').selectAll().where('call_id', 'in', ids).orderBy('reference_id').execute(),
      this.#hits(ids, query),
    ])
    return rows.map(row => ({
      ...readRow(row),
      flags: flags.filter(one => one.call_id === row.call_id).map(one => one.flag as CallFlag),
      tags: tags.filter(one => one.call_id === row.call_id).map(one => one.tag),
      reference: references.findLast(one => one.call_id === row.call_id)?.reference || null,
      ...(hits && { hits: hits.get(row.call_id) ?? [] }),
    }))
  }

  /** Where the first word was found. */
  async #hits(ids: readonly string[], query: CallQuery): Promise<Map<string, TextHit[]> | undefined> {
    const [word] = wordsOf(query.text)
    if (word === undefined) return undefined
    const { rows } = await sql<{ call_id: string; kind: string; at_ms: number; text: string }>`
      select call_id, kind, at_ms, text from (
        select t.call_id, t.kind, t.at_ms, t.text,
          row_number() over (partition by t.call_id order by t.text_id) as place
        from texts t
        where t.call_id in (${sql.join(ids)}) and t.text_id in (${textsWith(word, query.textKinds, sql`t.text_id`)})
      ) as found where place <= ${HITS_A_ROW} order by call_id, at_ms`.execute(this.#db.kysely)
    const hits = new Map<string, TextHit[]>()
    for (const row of rows) {
      const its = hits.get(row.call_id) ?? []
      its.push({ kind: row.kind as TextKind, atMs: row.at_ms, excerpt: excerptOf(row.text, word) })
      hits.set(row.call_id, its)
    }
    return hits
  }
}

/** Records whose erasure was asked for are only stored: they are not found, counted or sampled (RT10). */
function findable(callId: string) {
  return sql<boolean>`${sql.ref(callId)} not in (select call_id from retention_outcomes where outcome <> 'purged')`
}

type RowOfCall = Tables['calls'] & { scenario: string | null; scenario_title_json: string | null }

function readRow(row: RowOfCall) {
  return {
    callId: row.call_id as CallId,
    from: maskNumber(row.from_number),
    to: row.to_number,
    agent: { id: row.agent_id as UserId, name: row.agent_name },
    answeredAt: row.answered_at,
    durationMs: row.duration_ms,
    end: JSON.parse(row.end_json) as CallEnd,
    snapshots: row.snapshots,
    cameraMs: row.camera_ms,
    state: row.state,
    scenario: row.scenario === null ? null : facet(row.scenario, row.scenario_title_json),
  }
}

function facet(id: string | null, title: string | null): Facet {
  return { id: id ?? '', title: JSON.parse(title ?? '{"zh-CN":"","en":""}') as Facet['title'] }
}

const flagged = (eb: ExpressionBuilder<Tables, 'calls'>, flag: CallFlag) =>
  eb.selectFrom('call_flags').select('call_id').where('flag', '=', flag)

function wordsOf(text: string | undefined): string[] {
  return text === undefined ? [] : plainWords(text)
}

/** `what` (a column of `texts t`) of all texts in which the word stands as a part. */
function textsWith(word: string, kinds: readonly TextKind[] | undefined, what: ReturnType<typeof sql>) {
  const kind = kinds?.length ? sql` and t.kind in (${sql.join(kinds)})` : sql``
  if ([...word].length < TRIGRAM)
    return sql`select ${what} from texts t where t.plain like ${likeOf(word)} escape '\\'${kind}`
  // A phrase in quotes: whatever stands in it is a letter, not an operator.
  const phrase = `"${word.replaceAll('"', '""')}"`
  return sql`select ${what} from texts_fts join texts t on t.text_id = texts_fts.rowid where texts_fts match ${phrase}${kind}`
}

function likeOf(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`
}
