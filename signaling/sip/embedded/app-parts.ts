import { AppHeaders, bodyOf } from './app-headers.ts'
import { parseNameAddr } from './name-addr.ts'
import type { SipRequest } from './sip-message.ts'
import type { LooseMessage } from './sip-parser.ts'
import type { OwnFace } from './transport-layer.ts'

/** Headers and body of the application on top of what the dialog dictates. */
export function withAppParts(
  request: SipRequest,
  message: LooseMessage,
  face: OwnFace,
  defaultContact: string | undefined,
): SipRequest {
  const headers = new AppHeaders(message, face.hostPort)
  const contact = headers.get('contact') ?? defaultContact
  if (contact !== undefined && parseNameAddr(contact) !== undefined) request.add('Contact', contact)
  for (const { name, value } of headers.except(
    'from',
    'to',
    'call-id',
    'cseq',
    'contact',
    'max-forwards',
    'content-type',
  )) {
    request.add(name, value)
  }
  const { body, contentType } = bodyOf(message)
  if (contentType !== undefined) request.add('Content-Type', contentType)
  request.body = body
  return request
}
