import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { GuestBook } from '../assist/guest-book.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, type Route, route } from './routes.ts'

const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/)

/** How an expert's link is spent: by a POST after a tap, once; the cookie behind it lives as long as the call. */
export function guestRoutes(o: { guests: GuestBook; desk: CallDesk; tokens: Tokens }): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/guest/join',
      by: 'public',
      body: z.object({ token }),
      handle: async ({ body, request, response }) => {
        const own = o.tokens.readGuest(readCookies(request.headers.cookie).get(COOKIES.guest))
        const known = o.guests.find(body.token)
        // The same browser again: a reload, not a second use.
        const isBack = known !== undefined && known.participantId === own?.sub && o.guests.seated(own.sub) !== undefined
        const guest = isBack ? known : o.guests.spend(body.token)
        if (o.desk.find(guest.callId)?.phase !== 'talking') throw new AppError('gone', 'the call has ended')
        const { participantId, callId, name, language } = guest
        response.cookie(COOKIES.guest, o.tokens.guest({ sub: participantId, call: callId }), {
          httpOnly: true,
          secure: true,
          sameSite: 'lax',
          path: '/',
        })
        return { callId, name, language }
      },
    }),
  ]
}
