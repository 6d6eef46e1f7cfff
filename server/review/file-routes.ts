import { extname } from 'node:path'
import * as z from 'zod'
import { DERIVED_FOLDER } from '../../recordings/archive/durable-file.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { type Route, type RouteContext, route } from '../http/routes.ts'
import { serveCallFile } from '../http/serve-call-file.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Releases } from '../store/review/releases.ts'
import type { Archives } from './archives.ts'
import type { RecordDoor } from './record-door.ts'
import type { ServedRanges } from './served-ranges.ts'
import type { ShownPictures } from './shown-pictures.ts'
import { watermarkText } from './watermark-text.ts'

const PICTURES: ReadonlySet<string> = new Set(['.webp', '.jpg', '.jpeg', '.png'])
/** Made to be looked at. Other JSON (what was made from what, reports) carries hashes by which masked digits could be tried out. */
const SHOWN_JSON: ReadonlySet<string> = new Set(['peaks.json', 'spans.json', 'speech.json'].map(inDerived))
const Width = z.coerce.number().int().min(16).max(8192).optional()

export type FileRoutesOptions = {
  readonly door: RecordDoor
  readonly archives: Archives
  readonly accessLog: AccessLog
  readonly releases: Releases
  readonly ranges: ServedRanges
  readonly pictures: ShownPictures
}

/** Files for looking at, and originals for taking away: the first with a watermark, the second by two persons only. */
export function fileRoutes(o: FileRoutesOptions): Route[] {
  const { door, accessLog } = o
  return [
    route({
      method: 'get',
      path: '/api/review/calls/:callId/files/*path',
      by: 'reviewer',
      handle: async context => {
        const callId = await door.opened(context)
        const user = door.reviewer(context)
        const path = pathOf(context)
        const files = await o.archives.files(callId)
        if (!(await files.has(path))) throw new AppError('not-found', 'no such file in this record')
        const { request, response } = context
        if (isPicture(path)) {
          const width = Width.safeParse(request.query.widthPx)
          if (!width.success) throw new AppError('bad-request', 'not a width')
          await accessLog.add({ user, callId, action: 'file', detail: path })
          const { lines } = watermarkText(user.name, callId)
          const bytes = await o.pictures.show({ files, callId, path, userId: user.id, lines, widthPx: width.data })
          response.type('image/jpeg').send(bytes)
          return undefined
        }
        if (!isShown(path)) throw new AppError('forbidden', 'an original is released by two persons')
        // A player asks for many ranges: the first look is written before it, what it was given after that together.
        const { range } = request.headers
        if (range === undefined || range.startsWith('bytes=0-'))
          await accessLog.add({ user, callId, action: 'file', detail: path })
        await serveCallFile(files, path, request, response)
        const given = /^bytes (\d+)-(\d+)\//.exec(String(response.getHeader('content-range') ?? ''))
        if (given && response.statusCode === 206)
          o.ranges.served(user.sid, { user, callId, path }, { from: Number(given[1]), to: Number(given[2]) + 1 })
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/originals',
      by: 'reviewer',
      handle: async context => {
        const callId = await door.opened(context)
        const { id } = door.reviewer(context)
        const list = (await (await o.archives.files(callId)).list()).filter(
          file => !file.path.startsWith(`${DERIVED_FOLDER}/`),
        )
        const files = await Promise.all(
          list.map(async ({ path, bytes }) => ({
            path,
            bytes,
            released: (await o.releases.covering(id, callId, { path })) !== undefined,
          })),
        )
        return { files }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/originals/*path',
      by: 'reviewer',
      handle: async context => {
        const callId = door.callId(context)
        await door.mayBeOpened(callId)
        const user = door.reviewer(context)
        const path = pathOf(context)
        const releaseId = await o.releases.covering(user.id, callId, { path })
        if (releaseId === undefined) throw new AppError('forbidden', 'this original has not been released to you')
        const files = await o.archives.files(callId)
        if (!(await files.has(path))) throw new AppError('not-found', 'no such file in this record')
        await accessLog.add({ user, callId, action: 'downloaded', detail: `${path} ${releaseId}` })
        context.response.attachment(`${callId}-${path.replaceAll('/', '-')}`)
        await serveCallFile(files, path, context.request, context.response)
        return undefined
      },
    }),
  ]
}

/** The path below the record's folder, as it was asked for; whether it leads anywhere is the files' own question. */
function pathOf(context: RouteContext<unknown>): string {
  const path = ([] as string[]).concat(context.request.params.path ?? []).join('/')
  if (path.length > 200) throw new AppError('not-found', 'no such file in this record')
  return path
}

function isPicture(path: string): boolean {
  return PICTURES.has(extname(path).toLowerCase()) && !path.startsWith(`${DERIVED_FOLDER}/`)
}

function inDerived(name: string): string {
  return `${DERIVED_FOLDER}/${name}`
}

function isShown(path: string): boolean {
  return path.startsWith(inDerived('')) && (extname(path).toLowerCase() !== '.json' || SHOWN_JSON.has(path))
}
