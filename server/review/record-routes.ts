import type { CallId } from '../../signaling/protocol/ids.ts'
import { type OpenedRecord, Print, Reason, Seeks } from '../../signaling/protocol/review.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Archives } from './archives.ts'
import { spansText } from './audit-patterns.ts'
import { mergeSpans } from './merge-spans.ts'
import { openRecord } from './open-record.ts'
import type { RecordDoor } from './record-door.ts'
import type { RecordWork } from './record-work.ts'
import type { Verifications } from './verifications.ts'
import { watermarkText } from './watermark-text.ts'

/** Small records are verified by then; large ones are shown with their last verdict, or with the progress of the first. */
const WAIT_FOR_VERDICT_MS = 300
/** Waiting for these would only be waiting. */
const LARGE_BYTES = 24 * 1024 * 1024
/** One line of the log. */
const SPANS_A_LINE = 40

export type RecordRoutesOptions = {
  readonly door: RecordDoor
  readonly archives: Archives
  readonly accessLog: AccessLog
  readonly verifications: Verifications
  readonly work: RecordWork
}

/** Opening a record and what is done with it while it is open. Every look is in the access log before it happens. */
export function recordRoutes(o: RecordRoutesOptions): Route[] {
  const { door, accessLog } = o
  return [
    route({
      method: 'post',
      path: '/api/review/calls/:callId/open',
      by: 'reviewer',
      body: Reason,
      handle: async (context): Promise<OpenedRecord> => {
        const callId = door.callId(context)
        const user = door.reviewer(context)
        await door.mayBeOpened(callId)
        await accessLog.add({ user, callId, action: 'open', detail: context.body.reason })
        const grantedUntil = await door.grant(user, callId)
        await o.work.begin(user.id, callId)
        const [opened, access, work] = await Promise.all([
          openRecord(o.archives, callId),
          accessLog.ofCall(callId),
          o.work.of(callId, user),
        ])
        const bytes = opened.record.files.reduce((sum, file) => sum + file.bytes, 0)
        // After the reading: beside it each would take longer.
        const verification = await o.verifications.atOpen(callId, bytes > LARGE_BYTES ? 0 : WAIT_FOR_VERDICT_MS)
        return {
          ...opened,
          verdict: verification.verdict,
          verification,
          access,
          watermark: watermarkText(user.name, callId),
          grantedUntil,
          work,
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/verification',
      by: 'reviewer',
      handle: async context => o.verifications.state(await door.opened(context)),
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/verify',
      by: 'reviewer',
      handle: async context => {
        const callId = await door.opened(context)
        await accessLog.add({ user: door.reviewer(context), callId, action: 'verify', detail: '' })
        return o.verifications.fresh(callId)
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/unmask',
      by: 'reviewer',
      body: Reason,
      handle: async context => {
        const callId = await door.opened(context)
        await accessLog.add({ user: door.reviewer(context), callId, action: 'unmasked', detail: context.body.reason })
        const { from, to } = await o.archives.call(callId)
        return { from, to }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/seeks',
      by: 'reviewer',
      body: Seeks,
      handle: async context => {
        const callId = await door.opened(context)
        const played = mergeSpans(context.body.spans.map(span => [span.fromMs, span.toMs] as const))
        for (let at = 0; at < played.length; at += SPANS_A_LINE)
          await accessLog.add({
            user: door.reviewer(context),
            callId,
            action: 'seek',
            detail: spansText(played.slice(at, at + SPANS_A_LINE)),
          })
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/prints',
      by: 'reviewer',
      body: Print,
      handle: async context => {
        const callId: CallId = await door.opened(context)
        const user = door.reviewer(context)
        const { what, detail } = context.body
        await accessLog.add({ user, callId, action: 'print', detail: `${what} ${detail}`.trim() })
        return watermarkText(user.name, callId)
      },
    }),
  ]
}
