import { AppError } from '../../signaling/protocol/errors.ts'
import {
  Assign,
  type Assignment,
  NewComment,
  NewReference,
  NewScore,
  NewTag,
  Resolve,
  SecondOpinion,
  SetState,
} from '../../signaling/protocol/review-work.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import type { Assignments } from '../store/review/assignments.ts'
import type { RecordNotes } from '../store/review/record-notes.ts'
import { reviewersOf } from '../store/review/reviewers.ts'
import type { Archives } from './archives.ts'
import type { RecordDoor } from './record-door.ts'
import type { RecordWork } from './record-work.ts'

export type WorkRoutesOptions = {
  readonly db: Database
  readonly door: RecordDoor
  readonly archives: Archives
  readonly accessLog: AccessLog
  readonly notes: RecordNotes
  readonly work: RecordWork
  readonly assignments: Assignments
}

/** Comments, tags, scores and assignments. What is written at a record needs it to be open. */
export function workRoutes(o: WorkRoutesOptions): Route[] {
  const { door, accessLog, notes, assignments } = o
  const all: readonly Assignment['state'][] = ['open', 'in-work', 'done', 'withdrawn']
  return [
    route({
      method: 'get',
      path: '/api/review/calls/:callId/work',
      by: 'reviewer',
      handle: async context => o.work.of(await door.opened(context), door.reviewer(context)),
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/comments',
      by: 'reviewer',
      body: NewComment,
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const { atMs } = context.body
        await accessLog.add({
          user,
          callId,
          action: 'commented',
          detail: atMs === null ? '' : `at ${Math.round(atMs)} ms`,
        })
        return notes.comment(user, callId, context.body)
      },
    }),
    route({
      method: 'post',
      path: '/api/review/comments/:commentId/resolve',
      by: 'reviewer',
      body: Resolve,
      handle: async context => {
        const commentId = String(context.request.params.commentId)
        const comment = await notes.commentOf(commentId)
        if (!comment) throw new AppError('not-found', 'no such comment')
        await door.assertOpened(context, comment.callId)
        const { resolved } = context.body
        const user = door.reviewer(context)
        const detail = `${resolved ? 'resolved' : 'taken up again'} ${commentId}`
        await accessLog.add({ user, callId: comment.callId, action: 'commented', detail })
        await notes.resolve(user, commentId, resolved)
        return notes.commentOf(commentId)
      },
    }),
    ...(['tags', 'tags/remove'] as const).map(path =>
      route({
        method: 'post',
        path: `/api/review/calls/:callId/${path}`,
        by: 'reviewer',
        body: NewTag,
        handle: async context => {
          const callId = await door.opened(context)
          const user = door.reviewer(context)
          const { tag } = context.body
          await accessLog.add({ user, callId, action: 'tagged', detail: path === 'tags' ? `+ ${tag}` : `- ${tag}` })
          if (path === 'tags') await notes.tag(user, callId, tag)
          else await notes.untag(user, callId, tag)
          return { tags: await notes.tags(callId) }
        },
      }),
    ),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/reference',
      by: 'reviewer',
      body: NewReference,
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const { reference } = context.body
        // The customer's file is personal data: the log outlives its erasure.
        await accessLog.add({
          user,
          callId,
          action: 'tagged',
          detail: reference === '' ? 'reference removed' : 'reference set',
        })
        await notes.refer(user, callId, reference)
        return { reference }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/scores',
      by: 'reviewer',
      body: NewScore,
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const { sheetId, sheetVersion, state } = context.body
        await accessLog.add({ user, callId, action: 'scored', detail: `${state} ${sheetId} version ${sheetVersion}` })
        return o.work.score(user, callId, context.body)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/scores/:scoreId',
      by: 'reviewer',
      handle: async context => {
        const { callId, revisions } = await o.work.revisions(
          String(context.request.params.scoreId),
          door.reviewer(context),
        )
        await door.assertOpened(context, callId)
        return { revisions }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/second-opinion',
      by: 'reviewer',
      body: SecondOpinion,
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const { reviewerId, note, dueAt } = context.body
        const [reviewer] = await reviewersOf(o.db, [reviewerId])
        if (!reviewer || reviewer.id === user.id) throw new AppError('bad-request', 'a second opinion is a colleague’s')
        await accessLog.add({ user, callId, action: 'assigned', detail: `second opinion: ${reviewer.name}` })
        const [assignment] = await assignments.add(user, [{ callId, kind: 'second', reviewer, note, dueAt }])
        return assignment
      },
    }),
    route({
      method: 'get',
      path: '/api/review/my-work',
      by: 'reviewer',
      handle: async context => ({
        assignments: await assignments.list({ reviewerId: door.reviewer(context).id, states: ['open', 'in-work'] }),
      }),
    }),
    route({
      method: 'get',
      path: '/api/review/assignments',
      by: 'reviewer',
      needs: 'lead',
      handle: async context => {
        const { state, reviewerId } = context.request.query
        const states = SetState.safeParse({ state })
        return {
          assignments: await assignments.list({
            states: states.success ? [states.data.state] : all,
            ...(typeof reviewerId === 'string' && reviewerId !== '' && { reviewerId }),
          }),
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/assignments',
      by: 'reviewer',
      needs: 'lead',
      body: Assign,
      handle: async context => {
        const { callIds, reviewerIds, dueAt, note, sheetId } = context.body
        const user = door.reviewer(context)
        const reviewers = await reviewersOf(o.db, reviewerIds)
        for (const callId of callIds) await o.archives.call(callId)
        const wanted = callIds.flatMap((callId, n) => {
          const reviewer = reviewers[n % reviewers.length]
          return reviewer ? [{ callId, kind: 'check' as const, reviewer, dueAt, note, sheetId }] : []
        })
        for (const { callId, reviewer } of wanted)
          await accessLog.add({ user, callId, action: 'assigned', detail: `check: ${reviewer.name}` })
        return { assignments: await assignments.add(user, wanted) }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/assignments/:assignmentId/state',
      by: 'reviewer',
      body: SetState,
      handle: async context => {
        const user = door.reviewer(context)
        const { state } = context.body
        const assignment = await assignments.get(String(context.request.params.assignmentId))
        const lead = user.rights.includes('lead')
        if (assignment.reviewer.id !== user.id && !lead) throw new AppError('not-found', 'no such assignment of yours')
        if (state === 'withdrawn' && !lead && assignment.by.id !== user.id)
          throw new AppError('forbidden', 'an assignment is withdrawn by who gave it')
        const { callId, assignmentId } = assignment
        await accessLog.add({ user, callId, action: 'assigned', detail: `${state} ${assignmentId}` })
        return assignments.setState(assignmentId, state)
      },
    }),
  ]
}
