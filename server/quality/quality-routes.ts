import { AppError } from '../../signaling/protocol/errors.ts'
import { NewAnswer, type RecordQuality } from '../../signaling/protocol/quality.ts'
import { Reason } from '../../signaling/protocol/review.ts'
import { type Route, route } from '../http/routes.ts'
import type { RecordDoor } from '../review/record-door.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { QualityBook } from '../store/quality/quality-book.ts'
import type { QualityChecks } from './quality-checks.ts'

export type QualityRoutesOptions = {
  readonly door: RecordDoor
  readonly checks: QualityChecks
  readonly book: QualityBook
  readonly accessLog: AccessLog
}

/** What the check found in an opened record, another run of it, and what a person says to its open items. */
export function qualityRoutes({ door, checks, book, accessLog }: QualityRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/review/calls/:callId/quality',
      by: 'reviewer',
      handle: async (context): Promise<RecordQuality> => shown(await checks.of(await door.opened(context))),
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/quality/run',
      by: 'reviewer',
      body: Reason,
      handle: async (context): Promise<RecordQuality> => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        await accessLog.add({ user, callId, action: 'quality-run', detail: context.body.reason })
        void checks.run(callId)
        return shown(await checks.of(callId))
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/quality/answers',
      by: 'reviewer',
      body: NewAnswer,
      handle: async (context): Promise<RecordQuality> => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const { checklistId, itemId, answer } = context.body
        const { report } = await checks.of(callId)
        const list = report?.checklists.find(one => one.checklistId === checklistId)
        if (!list?.items.some(one => one.itemId === itemId)) throw new AppError('not-found', 'no such item')
        const detail = `checklist ${checklistId} ${itemId}: ${answer}`
        await accessLog.add({ user, callId, action: 'scored', detail })
        await book.answer(callId, user, context.body)
        return shown(await checks.of(callId))
      },
    }),
  ]
}

/** The journal is shown with its number masked: with the head of its chain, the digits could be tried out. */
function shown(quality: RecordQuality): RecordQuality {
  return { ...quality, report: quality.report && { ...quality.report, journalHead: '' } }
}
