import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import type { MaySee } from './may-see.ts'
import { COOKIES, type Route, type RouteContext, route } from './routes.ts'

/** A still of 1280 pixels at high quality is half of this. */
const MAX_STILL_BYTES = 600_000
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export type ScanRoutesOptions = {
  readonly desk: CallDesk
  readonly tokens: Tokens
  /** Whether this browser may see pictures of this call. */
  readonly maySee: MaySee
}

/** Stills of the slow scan: brought by the phone, fetched by those who look on; and whether a phone still has its place. */
export function scanRoutes(o: ScanRoutesOptions): Route[] {
  const callIdOf = (context: RouteContext<unknown>): CallId => {
    const callId = CallId.safeParse(context.request.params.callId)
    if (!callId.success) throw new AppError('not-found', 'no such call')
    return callId.data
  }
  /** @throws AppError unless the browser that asks is the caller of this call */
  const seatOf = (context: RouteContext<unknown>) => {
    const callId = callIdOf(context)
    const caller = o.tokens.readCaller(readCookies(context.request.headers.cookie).get(COOKIES.caller))
    if (caller?.call !== callId) throw new AppError('forbidden', 'this is not your call')
    const call = o.desk.get(callId)
    call.caller.assertSeated(caller.sub)
    return { call, by: caller.sub }
  }
  return [
    /** A refused WebSocket looks like a lost network to a page; this tells the two apart. */
    route({
      method: 'get',
      path: '/api/calls/:callId/seat',
      by: 'public',
      handle: async context => {
        seatOf(context)
      },
    }),
    route<Buffer>({
      method: 'post',
      path: '/api/calls/:callId/scan',
      by: 'public',
      raw: { maxBytes: MAX_STILL_BYTES, types: ['image/jpeg'] },
      handle: async context => {
        const { call, by } = seatOf(context)
        await call.live.scan.keep(by, context.body, context.startedAtMs)
      },
    }),
    route({
      method: 'get',
      path: '/api/calls/:callId/scan/:sha256',
      by: 'public',
      handle: async context => {
        const callId = callIdOf(context)
        const sha256 = Sha256.safeParse(context.request.params.sha256)
        if (!sha256.success) throw new AppError('not-found', 'no such still')
        if (!o.maySee(context, callId)) throw new AppError('forbidden', 'this picture is not for you')
        const bytes = await o.desk.get(callId).live.scan.bytes(sha256.data)
        context.response
          .set({ 'content-type': 'image/jpeg', 'cache-control': 'private, max-age=3600, immutable' })
          .send(bytes)
      },
    }),
  ]
}
