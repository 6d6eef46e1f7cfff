import type { SipHeaders, SrfRequest } from './srf-facade.ts'

/** RFC 4028 section 5. */
export const MIN_SESSION_S = 90

/** What a request says of session timers; undefined when its sender does not know them or does not want one. */
export function sessionExpires(request: SrfRequest): { seconds: number; refresher: string | undefined } | undefined {
  const header = request.get('Session-Expires') ?? ''
  const seconds = Number(/^\s*(\d{1,9})/.exec(header)?.[1] ?? Number.NaN)
  const knowsTimer = /(^|[\s,])timer($|[\s,])/i.test(
    `${request.get('Supported') ?? ''},${request.get('Require') ?? ''}`,
  )
  if (Number.isNaN(seconds) || !knowsTimer) return undefined
  return { seconds, refresher: /;\s*refresher\s*=\s*(uac|uas)/i.exec(header)?.[1]?.toLowerCase() }
}

/**
 * Headers for a 2xx. The peer refreshes, as the one who asked for the timer. When it wants us to, we say nothing:
 * the SIP server, which would do the refreshing, says so itself, and no call is torn down for a refresh that nobody sent.
 */
export function sessionHeaders(request: SrfRequest): SipHeaders {
  const wanted = sessionExpires(request)
  if (wanted === undefined || wanted.refresher === 'uas') return {}
  return { 'Session-Expires': `${Math.max(MIN_SESSION_S, wanted.seconds)};refresher=uac`, Require: 'timer' }
}
