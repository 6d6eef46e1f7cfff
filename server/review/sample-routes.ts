import { randomBytes } from 'node:crypto'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { type DrawnSample, DrawSample, type SampleCheck } from '../../signaling/protocol/review-work.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import type { Assignments } from '../store/review/assignments.ts'
import type { RecordSearch } from '../store/review/record-search.ts'
import { reviewersOf } from '../store/review/reviewers.ts'
import type { Samples } from '../store/review/samples.ts'
import { drawSample } from './draw-sample.ts'
import { readRule } from './find-routes.ts'
import type { RecordDoor } from './record-door.ts'

export type SampleRoutesOptions = {
  readonly db: Database
  readonly door: RecordDoor
  readonly accessLog: AccessLog
  readonly search: RecordSearch
  readonly samples: Samples
  readonly assignments: Assignments
}

/** Samples for quality checks: drawn by lots with a recorded seed, so that anybody can draw them again. */
export function sampleRoutes(o: SampleRoutesOptions): Route[] {
  const { door, accessLog, search, samples, assignments } = o
  const drawn = async (sampleId: string): Promise<DrawnSample> => {
    const { populationIds: _, ...sample } = await samples.get(sampleId)
    const [calls, its] = await Promise.all([samples.calls(sampleId), assignments.ofSample(sampleId)])
    return {
      ...sample,
      calls: calls.map(call => ({ ...call, assignments: its.filter(one => one.callId === call.callId) })),
    }
  }
  return [
    route({
      method: 'post',
      path: '/api/review/samples',
      by: 'reviewer',
      needs: 'lead',
      body: DrawSample,
      handle: async context => {
        const { assign, seed = randomBytes(16).toString('hex'), ...wanted } = context.body
        const user = door.reviewer(context)
        const reviewers = assign ? await reviewersOf(o.db, assign.reviewerIds) : []
        const earlier = wanted.withoutEarlier ? await samples.everDrawn() : new Set<string>()
        const candidates = (await search.population(readRule(wanted.rule))).filter(one => !earlier.has(one.callId))
        const chosen = drawSample(candidates, wanted.method, seed)
        const detail = `${wanted.title}: ${chosen.length} of ${candidates.length}, seed ${seed}`
        await accessLog.add({ user, action: 'sampled', detail })
        const sampleId = await samples.add(user, { ...wanted, seed, candidates, drawn: chosen })
        const work = chosen.flatMap(({ callId }, n) => {
          const reviewer = reviewers[n % Math.max(1, reviewers.length)]
          const more = { dueAt: assign?.dueAt, sheetId: assign?.sheetId }
          return reviewer ? [{ callId, kind: 'check' as const, reviewer, sampleId, ...more }] : []
        })
        for (const { callId, reviewer } of work)
          await accessLog.add({ user, callId, action: 'assigned', detail: `check: ${reviewer.name}` })
        await assignments.add(user, work)
        return drawn(sampleId)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/samples',
      by: 'reviewer',
      needs: 'lead',
      handle: async () => ({ samples: await samples.list() }),
    }),
    route({
      method: 'get',
      path: '/api/review/samples/:sampleId',
      by: 'reviewer',
      needs: 'lead',
      handle: context => drawn(String(context.request.params.sampleId)),
    }),
    route({
      method: 'post',
      path: '/api/review/samples/:sampleId/check',
      by: 'reviewer',
      needs: 'lead',
      handle: async (context): Promise<SampleCheck> => {
        const sampleId = String(context.request.params.sampleId)
        const sample = await samples.get(sampleId)
        // What is drawn from again is what was drawn from then, as far as it is still there: calls are purged in time.
        const known = new Map((await search.population({})).map(one => [one.callId, one]))
        const gone = sample.populationIds.filter(callId => !known.has(callId))
        const candidates = sample.populationIds.flatMap(callId => known.get(callId) ?? [])
        const again = new Set<CallId>(drawSample(candidates, sample.method, sample.seed).map(one => one.callId))
        const then = new Set<CallId>((await samples.calls(sampleId)).map(one => one.callId))
        const missing = [...then].filter(callId => !again.has(callId))
        const added = [...again].filter(callId => !then.has(callId))
        return { same: missing.length === 0 && added.length === 0, gone, missing, added }
      },
    }),
  ]
}
