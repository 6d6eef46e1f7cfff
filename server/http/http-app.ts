import compression from 'compression'
import express, { type NextFunction, type Request, type Response } from 'express'
import { isStoreTrouble } from '../../recordings/store/store-errors.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { Integrations } from '../auth/integrations.ts'
import type { SignIn } from '../auth/sign-in.ts'
import type { StaffClaims } from '../auth/tokens.ts'
import type { Events } from '../events.ts'
import { RecordRestricted } from '../evidence/record-restricted.ts'
import { bearerIs } from './bearer.ts'
import { readCookies } from './cookies.ts'
import { answerOf, BodyRefused, JoinRefused } from './http-error.ts'
import type { Origins } from './origins.ts'
import { COOKIES, type Route } from './routes.ts'

const MAX_BODY = '64kb'

export type HttpAppOptions = {
  readonly routes: readonly Route[]
  readonly assetsDir: string
  readonly signIn: SignIn
  readonly events: Events
  readonly origins: Origins
  readonly trustProxy: boolean
  /** Of the operator's own machines. */
  readonly apiToken?: string | undefined
  /** Systems that register their own calls. */
  readonly integrations?: Pick<Integrations, 'identify'>
  /** Where plain HTTP from other machines is sent. */
  readonly httpsUrl: () => string
  /** Somebody signed in tried what is not theirs: `what` is method and path of the table, without query. */
  readonly forbidden?: (who: StaffClaims, what: string, callId: string | undefined) => Promise<void>
}

/** The express application: one table of routes, one guard, one translator of errors. */
export function createHttpApp(o: HttpAppOptions): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', o.trustProxy)
  app.use(plainHttp(o))
  // The phone's script is some 90 KB compressed and several times that raw: on a bad network that is what decides.
  app.use(compression())
  app.use((_request, response, next) => {
    response.locals.startedAtMs = performance.now()
    response.set({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    next()
  })
  app.use('/assets', express.static(o.assetsDir, { immutable: true, maxAge: '1y', index: false, fallthrough: false }))
  const json = express.json({ limit: MAX_BODY, strict: true, type: ['application/json', 'text/plain'] })
  for (const row of o.routes) {
    const run = async (request: Request, response: Response) => {
      try {
        await answer(request, response)
      } catch (error) {
        if (error instanceof AppError && error.code === 'forbidden' && row.by === 'reviewer')
          await tellForbidden(row, request, o)
        throw error
      }
    }
    const answer = async (request: Request, response: Response) => {
      const { claims, integration } = guard(row, request, o)
      const handled = row.handle({
        request,
        response,
        body: row.raw ? bytesOf(request) : row.body ? parse(row, request.body) : undefined,
        claims,
        integration,
        startedAtMs: response.locals.startedAtMs as number,
        address: request.ip ?? request.socket.remoteAddress ?? '',
      })
      const result = await handled.catch((error: unknown) => {
        // That a record waits for its erasure is nobody's business but theirs who handle it (RT10).
        if (error instanceof RecordRestricted && !claims?.rights.includes('retention'))
          throw new AppError('not-found', 'no such record')
        throw error
      })
      if (response.headersSent || response.writableEnded) return
      if (result === undefined) response.status(204).end()
      else response.json(result)
    }
    if (row.method === 'get') app.get(row.path, run)
    else if (row.raw)
      app.post(row.path, guarded(row, o), express.raw({ limit: row.raw.maxBytes, type: [...row.raw.types] }), run)
    else app.post(row.path, json, run)
  }
  app.use(() => {
    throw new AppError('not-found', 'there is nothing here')
  })
  app.use(errors(o.events))
  return app
}

/** Checks origin (against cross-site requests) and the signed-in role, in that order. */
function guard(row: Route, request: Request, o: HttpAppOptions): { claims?: StaffClaims; integration?: string } {
  if (row.by === 'operator') {
    if (!bearerIs(request.headers.authorization, o.apiToken)) throw new AppError('not-signed-in', 'a token is needed')
    return {}
  }
  if (row.by === 'integration') {
    const integration = o.integrations?.identify(request.headers.authorization)
    if (integration === undefined) throw new AppError('not-signed-in', 'a key or token is needed')
    return { integration }
  }
  if (row.method === 'post' && !o.origins.isOurs(request.headers.origin, request.headers.host)) {
    throw new AppError('forbidden', 'this request comes from another site')
  }
  if (row.by === 'public') return {}
  const claims = o.signIn.read(row.by, readCookies(request.headers.cookie).get(COOKIES[row.by]))
  if (!claims) throw new AppError('not-signed-in', 'please sign in')
  if (row.needs && !claims.rights.includes(row.needs))
    throw new AppError('forbidden', 'you have not been given this right')
  return { claims }
}

async function tellForbidden(row: Route, request: Request, o: HttpAppOptions): Promise<void> {
  const claims = o.signIn.read('reviewer', readCookies(request.headers.cookie).get(COOKIES.reviewer))
  const { callId } = request.params
  if (claims) await o.forbidden?.(claims, `${row.method} ${row.path}`, typeof callId === 'string' ? callId : undefined)
}

/** Before megabytes are read: who is not let in need not send them. */
function guarded(row: Route, o: HttpAppOptions) {
  return (request: Request, _response: Response, next: NextFunction) => {
    guard(row, request, o)
    next()
  }
}

function bytesOf(request: Request): Buffer {
  if (!Buffer.isBuffer(request.body)) throw new BodyRefused('unknown-type')
  return request.body
}

function parse(row: Route, body: unknown): unknown {
  const parsed = row.body?.safeParse(body)
  if (parsed?.success) return parsed.data
  const where = parsed?.error.issues.map(issue => issue.path.join('.') || 'body').join(', ')
  throw new AppError('bad-request', `not as expected at ${where}`)
}

/** Plain HTTP serves this machine itself (browsers trust loopback) and a proxy in front; everybody else is sent to HTTPS. */
function plainHttp(o: HttpAppOptions) {
  return (request: Request, response: Response, next: NextFunction) => {
    const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true
    const local = /^(::1|127\.|::ffff:127\.)/.test(request.socket.remoteAddress ?? '')
    if (encrypted || o.trustProxy || local || request.path === '/healthz') return next()
    response.redirect(308, `${o.httpsUrl()}${request.originalUrl}`)
  }
}

function errors(events: Events) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const known = asAppError(error)
    if (known.code === 'internal') events.fault('http', error)
    events.refused('http', known.code)
    const refused = known instanceof JoinRefused ? known : undefined
    if (refused?.retryAfterMs !== undefined) response.set('retry-after', String(Math.ceil(refused.retryAfterMs / 1000)))
    const { status, facts } = answerOf(known)
    response.status(status).json({ code: known.code, message: known.message, ...facts })
  }
}

/** express and its parsers throw errors with an HTTP status; everything unknown is a fault of ours. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isStoreTrouble(error))
    return new AppError('unavailable', 'the archive store does not serve now', { cause: error })
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  if (status === 404) return new AppError('not-found', 'there is nothing here')
  if (status === 413) return new BodyRefused('too-large')
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('bad-request', 'this request cannot be read')
  return new AppError('internal', 'something went wrong on our side', { cause: error })
}
