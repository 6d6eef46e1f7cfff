import type { SipHeaders, SrfMessage, SrfRequest } from './srf-facade.ts'

/** RFC 4028 section 5. */
export const MIN_SESSION_S = 90
/** What we ask for in calls of ours; RFC 4028 section 4 recommends it. */
export const WANTED_SESSION_S = 1800

/** What both sides of a dialog agreed on. The SIP server does the refreshing, and ends the call of who stops. */
export type SessionTerms = { readonly seconds: number; readonly weRefresh: boolean }

/** What a request says of session timers; undefined when its sender does not know them or does not want one. */
export function sessionExpires(request: SrfRequest): { seconds: number; refresher: string | undefined } | undefined {
  const wanted = readSession(request)
  const knowsTimer = /(^|[\s,])timer($|[\s,])/i.test(
    `${request.get('Supported') ?? ''},${request.get('Require') ?? ''}`,
  )
  return knowsTimer ? wanted : undefined
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

/** The terms that stand after our 2xx to a request of the peer; undefined: this request has not made any. */
export function termsAsServer(request: SrfRequest): SessionTerms | undefined {
  const wanted = sessionExpires(request)
  return wanted && { seconds: Math.max(MIN_SESSION_S, wanted.seconds), weRefresh: wanted.refresher === 'uas' }
}

/** The terms that stand after the peer's 2xx to a request of ours. */
export function termsAsClient(response: SrfMessage): SessionTerms | undefined {
  const agreed = readSession(response)
  return agreed && { seconds: agreed.seconds, weRefresh: agreed.refresher !== 'uas' }
}

/** Headers for a request of ours; without the terms in force the peer would take the timer for switched off (RFC 4028 section 7.4). */
export function sessionRequestHeaders(terms: SessionTerms | undefined, minimumS = 0): SipHeaders {
  const supported = { Supported: 'timer' }
  if (terms === undefined) return supported
  const seconds = Math.max(terms.seconds, minimumS, MIN_SESSION_S)
  return {
    ...supported,
    'Session-Expires': `${seconds};refresher=${terms.weRefresh ? 'uac' : 'uas'}`,
    'Min-SE': String(Math.max(minimumS, MIN_SESSION_S)),
  }
}

/** What a 422 wants; undefined when it does not say, or nothing sensible. */
export function minimumOf(response: SrfMessage): number | undefined {
  const seconds = Number(/^\s*(\d{1,7})/.exec(response.get('Min-SE') ?? '')?.[1] ?? Number.NaN)
  return seconds > 0 && seconds <= 86_400 ? seconds : undefined
}

function readSession(message: SrfMessage): { seconds: number; refresher: string | undefined } | undefined {
  const header = message.get('Session-Expires') ?? ''
  const seconds = Number(/^\s*(\d{1,9})/.exec(header)?.[1] ?? Number.NaN)
  if (Number.isNaN(seconds)) return undefined
  return { seconds, refresher: /;\s*refresher\s*=\s*(uac|uas)/i.exec(header)?.[1]?.toLowerCase() }
}
