import { ALLOWED_METHODS } from './invite-steps.ts'
import type { SrfFacade, SrfRequest } from './srf-facade.ts'

const NOT_FOR_US = ['register', 'message', 'subscribe', 'notify', 'publish', 'info', 'refer'] as const

/**
 * Requests that belong to no call. Left to the SIP server they would be 503, and to an SBC that means that we are broken: it
 * stops sending calls for a while. `hears`: whether their sender is told anything. `gaveUp`: a caller whose call is still
 * ringing ends it by BYE (RFC 3261 section 15); false when there is no such call.
 */
export function answerStrays(
  srf: SrfFacade,
  o: { hears(request: SrfRequest): boolean; gaveUp(bye: SrfRequest): boolean },
): void {
  for (const verb of NOT_FOR_US)
    srf[verb]((req, res) => {
      if (!o.hears(req)) return
      if (belongsToDialog(req)) res.send(481)
      else res.send(405, { headers: { Allow: ALLOWED_METHODS } })
    })
  srf.bye((req, res) => res.send(o.gaveUp(req) ? 200 : 481))
}

/** It says that there is a dialog. Those that there are have taken theirs before. */
export function belongsToDialog(request: SrfRequest): boolean {
  return /;\s*tag\s*=/i.test(request.get('To') ?? '')
}

/** Whether an INVITE is another copy of the one before, come by another way (RFC 3261 section 8.2.2.2). */
export function isMerged(first: SrfRequest, second: SrfRequest): boolean {
  return (
    (['Call-ID', 'CSeq'] as const).every(name => first.get(name) === second.get(name)) && tagOf(first) === tagOf(second)
  )
}

function tagOf(request: SrfRequest): string | undefined {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(request.get('From') ?? '')?.[1]
}
