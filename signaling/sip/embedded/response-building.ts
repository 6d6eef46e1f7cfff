import { splitOutsideQuotes, tagOf, withTag } from './name-addr.ts'
import { reasonPhrase } from './reason-phrases.ts'
import { SipRequest, SipResponse } from './sip-message.ts'
import { newTag } from './tokens.ts'

const copied = ['via', 'from', 'to', 'call-id', 'cseq'] as const

/**
 * A response to a request as RFC 3261 8.2.6.2 wants it: Via, From, To, Call-ID, CSeq of the request, `toTag` in To (none for
 * 100, a fresh one when not given).
 */
export function responseTo(
  request: SipRequest,
  status: number,
  options: { reason?: string; toTag?: string } = {},
): SipResponse {
  const response = new SipResponse(status, options.reason ?? reasonPhrase(status))
  for (const key of copied) {
    for (const header of request.headers) {
      if (header.key !== key) continue
      const value = key === 'to' && status !== 100 ? withTag(header.value, options.toTag ?? newTag()) : header.value
      response.add(header.name.length === 1 ? key : header.name, value)
    }
  }
  const timestamp = status === 100 ? request.get('timestamp') : undefined
  return timestamp === undefined ? response : response.add('Timestamp', timestamp)
}

/** A final answer that the stack makes up for its own application: nobody sent it (RFC 3261 8.1.3.1). */
export function madeUpResponse(request: SipRequest, status: number, reason?: string): SipResponse {
  return responseTo(request, status, reason === undefined ? {} : { reason })
}

/** The ACK for a non-2xx final, which belongs to the INVITE's transaction (RFC 3261 17.1.1.3). */
export function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  const ack = new SipRequest('ACK', invite.uri)
  copyForTransaction(invite, ack)
  ack.set('To', response.get('to') ?? invite.get('to') ?? '')
  return ack.add('CSeq', `${invite.cseq.number} ACK`).add('Max-Forwards', '70')
}

/** CANCEL of an INVITE: same branch, same request uri, same route (RFC 3261 9.1). */
export function cancelFor(invite: SipRequest): SipRequest {
  const cancel = new SipRequest('CANCEL', invite.uri)
  copyForTransaction(invite, cancel)
  return cancel.add('CSeq', `${invite.cseq.number} CANCEL`).add('Max-Forwards', '70')
}

function copyForTransaction(invite: SipRequest, request: SipRequest): void {
  const via = invite.headers.find(header => header.key === 'via')
  if (via !== undefined) request.add('Via', splitOutsideQuotes(via.value, ',')[0] ?? via.value)
  for (const header of invite.headers) {
    if (['from', 'to', 'call-id', 'route'].includes(header.key)) request.add(header.name, header.value)
  }
}

/** True when a To header already belongs to a dialog. */
export function isInDialog(request: SipRequest): boolean {
  return tagOf(request.get('to')) !== ''
}
