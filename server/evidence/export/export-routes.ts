import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import { type ExportOrigin, NewExport } from '../../../signaling/protocol/record-export.ts'
import { type Route, route } from '../../http/routes.ts'
import type { RecordDoor, Reviewer } from '../../review/record-door.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Releases } from '../../store/review/releases.ts'
import type { Redactions } from '../redaction/redactions.ts'
import type { Exports } from './exports.ts'

/** Taking a record out of the house: a viewing copy for a reason, originals when two persons agree. */
export function exportRoutes(o: {
  readonly door: RecordDoor
  readonly releases: Releases
  readonly accessLog: AccessLog
  readonly exports: Exports
  readonly redactions: Pick<Redactions, 'ofCall'>
}): Route[] {
  const { door, exports } = o
  return [
    route({
      method: 'post',
      path: '/api/review/calls/:callId/exports',
      by: 'reviewer',
      body: NewExport,
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        if (context.body.kind !== 'viewing' && context.body.redactionId !== undefined)
          throw new AppError('bad-request', 'what a redaction left is a viewing copy')
        if (context.body.redactionId !== undefined) await assertApplied(o, user, callId, context.body.redactionId)
        const release = context.body.kind === 'evidence' ? await releaseOf(o.releases, user, callId) : undefined
        return exports.start(user, callId, context.body, release)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/exports',
      by: 'reviewer',
      handle: async context => {
        const callId = await door.opened(context)
        return { exports: exports.of(door.reviewer(context).id, callId) }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/exports/:exportId/file',
      by: 'reviewer',
      handle: async context => {
        const user = door.reviewer(context)
        const { job, path } = exports.file(user.id, String(context.request.params.exportId))
        // What was agreed on may have been taken back, the record may be restricted by now.
        await door.assertOpened(context, job.callId)
        if (job.kind === 'evidence') await releaseOf(o.releases, user, job.callId)
        const { callId, exportId } = job
        await o.accessLog.add({
          user,
          callId,
          action: 'downloaded',
          detail: `${job.kind} ${exportId} SHA-256 ${job.sha256}`,
        })
        const { response } = context
        response.attachment(`${callId}-${job.kind}.${job.kind === 'report' ? 'pdf' : 'zip'}`)
        response.setHeader('Content-Length', job.bytes ?? 0)
        response.setHeader('Cache-Control', 'no-store')
        await pipeline(createReadStream(path), response).catch(error => {
          // Whoever stops a download is no fault of ours.
          if (!response.destroyed) throw error
        })
        return undefined
      },
    }),
  ]
}

/** @throws AppError `not-found` for a draft, one that failed, or one of another record */
async function assertApplied(
  { redactions }: { readonly redactions: Pick<Redactions, 'ofCall'> },
  user: Reviewer,
  callId: CallId,
  redactionId: string,
): Promise<void> {
  const all = await redactions.ofCall(callId, {
    id: user.id,
    name: user.name,
    mayRelease: user.rights.includes('release'),
  })
  if (!all.some(one => one.redactionId === redactionId && one.state === 'applied'))
    throw new AppError('not-found', 'no such redacted copy of this record')
}

/** @throws AppError `forbidden` without an agreed release of the whole record for this person */
async function releaseOf(releases: Releases, user: Reviewer, callId: CallId): Promise<ExportOrigin['release']> {
  const releaseId = await releases.covering(user.id, callId, 'package')
  if (releaseId === undefined)
    throw new AppError('forbidden', 'originals need a release: ask for the whole record, another person agrees')
  const release = await releases.get(releaseId, { id: user.id, name: user.name, mayRelease: false })
  return {
    releaseId,
    askedBy: release.askedBy.name,
    askedAt: release.askedAt,
    reason: release.reason,
    agreedBy: release.answeredBy?.name ?? '',
    agreedAt: release.answeredAt ?? '',
    answer: release.answer ?? '',
  }
}
