import type { Response } from 'express'
import { COOKIES } from './routes.ts'

/** Seats this browser: who holds the cookie is the caller, as long as nobody else was seated after. */
export function callerCookie(response: Response, token: string): void {
  response.cookie(COOKIES.caller, token, {
    httpOnly: true,
    secure: true,
    // Lax: whoever comes back by tapping the link in a message again is still the same caller. POST and WebSocket check the origin.
    sameSite: 'lax',
    path: '/',
  })
}
