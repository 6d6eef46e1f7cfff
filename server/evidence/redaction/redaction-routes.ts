import { normalize } from 'node:path'
import { redactionFolder } from '../../../recordings/redaction/redaction-folder.ts'
import type { AuditAction } from '../../../signaling/protocol/audit.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import { CallId } from '../../../signaling/protocol/ids.ts'
import { NewRedaction, NewVersion, RedactionReason, Suggest } from '../../../signaling/protocol/redaction.ts'
import { claimsOf, type Route, type RouteContext, route } from '../../http/routes.ts'
import { serveCallFile } from '../../http/serve-call-file.ts'
import type { Archives } from '../../review/archives.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Reader, RedactionBook } from '../../store/redaction-book.ts'
import type { Redactions } from './redactions.ts'

export type RedactionRoutesOptions = {
  readonly redactions: Redactions
  readonly book: RedactionBook
  readonly archives: Pick<Archives, 'call' | 'files'>
  readonly accessLog: Pick<AccessLog, 'add'>
  /** @throws AppError `forbidden` unless this sign-in has opened the record with a reason */
  assertOpened(context: RouteContext<unknown>, callId: CallId): Promise<void> | void
}

/** Covered copies of records: drafted and made by reviewers who opened the record, released by another one. */
export function redactionRoutes(o: RedactionRoutesOptions): Route[] {
  const { redactions, book, archives, accessLog } = o
  const log = (context: RouteContext<unknown>, callId: CallId, action: AuditAction, detail: string) =>
    accessLog.add({ user: readerOf(context), callId, action, detail })
  const openedCall = async (context: RouteContext<unknown>) => {
    const parsed = CallId.safeParse(context.request.params.callId)
    if (!parsed.success) throw new AppError('not-found', 'no such record')
    await o.assertOpened(context, parsed.data)
    await archives.call(parsed.data)
    return parsed.data
  }
  const known = async (context: RouteContext<unknown>) => {
    const redactionId = String(context.request.params.redactionId)
    const callId = await book.callOf(redactionId)
    await archives.call(callId)
    return { redactionId, callId }
  }
  const openedRedaction = async (context: RouteContext<unknown>) => {
    const found = await known(context)
    await o.assertOpened(context, found.callId)
    return found
  }
  const below = '/api/review/redactions/:redactionId'
  return [
    route({
      method: 'get',
      path: '/api/review/calls/:callId/redactions',
      by: 'reviewer',
      handle: async context => ({
        redactions: await redactions.ofCall(await openedCall(context), readerOf(context)),
      }),
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/redactions',
      by: 'reviewer',
      body: NewRedaction,
      handle: async context => {
        const callId = await openedCall(context)
        await log(context, callId, 'redaction-drafted', context.body.title)
        const redactionId = await book.add({ callId, ...context.body, by: readerOf(context) })
        return redactions.get(redactionId, readerOf(context))
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/redactions/suggest',
      by: 'reviewer',
      body: Suggest,
      handle: async context => {
        const callId = await openedCall(context)
        // Looking for faces is looking at biometrics, even when nothing is compared.
        await log(context, callId, 'redaction-suggested', context.body.faces ? 'texts and faces' : 'texts')
        return { suggestions: await redactions.suggestions(callId, context.body) }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/redactions/released',
      by: 'reviewer',
      handle: async context => ({ redactions: await book.list(readerOf(context), { releaseState: 'released' }) }),
    }),
    route({
      method: 'get',
      path: '/api/review/redactions/asked',
      by: 'reviewer',
      needs: 'release',
      handle: async context => ({ redactions: await book.list(readerOf(context), { releaseState: 'asked' }) }),
    }),
    route({
      method: 'get',
      path: `${below}/versions`,
      by: 'reviewer',
      handle: async context => ({ versions: await book.versions((await openedRedaction(context)).redactionId) }),
    }),
    route({
      method: 'post',
      path: `${below}/versions`,
      by: 'reviewer',
      body: NewVersion,
      handle: async context => {
        const { redactionId, callId } = await openedRedaction(context)
        await log(context, callId, 'redaction-drafted', `${redactionId}, after version ${context.body.basedOn}`)
        await book.addVersion(redactionId, { callId, ...context.body, by: readerOf(context) })
        return redactions.get(redactionId, readerOf(context))
      },
    }),
    route({
      method: 'post',
      path: `${below}/apply`,
      by: 'reviewer',
      handle: async context => {
        const { redactionId, callId } = await openedRedaction(context)
        await log(context, callId, 'redacted', redactionId)
        await redactions.apply(redactionId, readerOf(context))
        return redactions.get(redactionId, readerOf(context))
      },
    }),
    route({
      method: 'post',
      path: `${below}/release/ask`,
      by: 'reviewer',
      body: RedactionReason,
      handle: async context => {
        const { redactionId, callId } = await openedRedaction(context)
        const { id, name } = readerOf(context)
        await log(context, callId, 'redaction-release-asked', `${redactionId}: ${context.body.reason}`)
        const asked = await book.turnRelease(redactionId, ['none', 'refused'], {
          ...{ release_state: 'asked', asked_by: id, asked_by_name: name, asked_at: new Date().toISOString() },
          ...{
            ask_reason: context.body.reason,
            answered_by: null,
            answered_by_name: null,
            answered_at: null,
            answer: null,
          },
        })
        if (!asked) throw new AppError('conflict', 'this copy is not made yet, or its release was asked for before')
        return redactions.get(redactionId, readerOf(context))
      },
    }),
    ...(['agree', 'refuse'] as const).map(what =>
      route({
        method: 'post',
        path: `${below}/release/${what}`,
        by: 'reviewer',
        needs: 'release',
        body: RedactionReason,
        handle: async context => {
          const { redactionId, callId } = await openedRedaction(context)
          const reader = readerOf(context)
          const { reason } = context.body
          if (!(await book.get(redactionId, reader)).mayAnswer)
            throw new AppError(
              'forbidden',
              'a copy is released by somebody who had no part in it, when it was asked for',
            )
          if (what === 'agree') {
            await log(context, callId, 'redaction-released', `${redactionId}: ${reason}`)
            await redactions.release(redactionId, reader, reason)
          } else {
            await log(context, callId, 'redaction-release-refused', `${redactionId}: ${reason}`)
            const answered = { answered_by: reader.id, answered_by_name: reader.name, answer: reason }
            const at = { answered_at: new Date().toISOString() }
            if (!(await book.turnRelease(redactionId, ['asked'], { release_state: 'refused', ...answered, ...at })))
              throw new AppError('conflict', 'it was answered meanwhile')
          }
          return redactions.get(redactionId, reader)
        },
      }),
    ),
    route({
      method: 'get',
      path: `${below}/files/*path`,
      by: 'reviewer',
      handle: async context => {
        const { redactionId, callId } = await known(context)
        const { release } = await book.get(redactionId, readerOf(context))
        if (release.state !== 'released') await o.assertOpened(context, callId)
        const name = normalize(([] as string[]).concat(context.request.params.path ?? []).join('/'))
        if (name.startsWith('..') || name.startsWith('/')) throw new AppError('not-found', 'no such file in this copy')
        const path = `${redactionFolder(redactionId)}/${name}`
        const { range } = context.request.headers
        if (range === undefined || range.startsWith('bytes=0-')) await log(context, callId, 'file', path.slice(0, 200))
        await serveCallFile(await archives.files(callId), path, context.request, context.response)
      },
    }),
  ]
}

function readerOf(context: RouteContext<unknown>): Reader & { id: ReturnType<typeof claimsOf>['sub'] } {
  const { sub, name, rights } = claimsOf(context)
  return { id: sub, name, mayRelease: rights.includes('release') }
}
