import type { AddressList } from './address-list.ts'
import { bodyParts } from './body-parts.ts'
import { MIN_SESSION_S, sessionExpires } from './session-timer.ts'
import type { SipHeaders, SrfMessage, SrfRequest } from './srf-facade.ts'

export const ALLOWED_METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, NOTIFY'
const KNOWN_EXTENSIONS = new Set(['timer', '100rel'])

export type Refusal = { status: number; why: string; headers?: SipHeaders }
type Door = {
  readonly mayCall: (address: string) => boolean
  /** Recording clients (SIPREC); undefined: none is let in. */
  readonly recorders?: AddressList | undefined
  readonly closing: boolean
  /** The call has come already, by another way. */
  readonly merged: (invite: SrfRequest) => boolean
}
type Step = (invite: SrfRequest, door: Door) => Refusal | undefined

/** What every INVITE goes through before it becomes a leg, in this order. The first refusal counts. */
const STEPS: readonly Step[] = [
  function comesFromTrunk(invite, { mayCall, recorders }) {
    if (recorders && isRecording(invite))
      return recorders.has(invite.source_address) ? undefined : { status: 403, why: 'not-a-recorder' }
    return mayCall(invite.source_address) ? undefined : { status: 403, why: 'not-a-trunk' }
  },
  function doorIsOpen(_invite, { closing }) {
    return closing ? { status: 503, why: 'closing', headers: { 'Retry-After': '10' } } : undefined
  },
  /** drachtio-srf reads these three for every dialog, and throws too late when it cannot. */
  function hasReadableParties(invite) {
    return readable(invite) ? undefined : { status: 400, why: 'unreadable-parties' }
  },
  /** A dialog of ours would have taken it: this one is over, or was a former process's. */
  function beginsDialog(invite) {
    return invite.isNewInvite ? undefined : { status: 481, why: 'no-such-dialog' }
  },
  /** RFC 3261 section 8.2.2.2: a proxy on the way has forked, and both ways lead here. */
  function cameOnce(invite, { merged }) {
    return merged(invite) ? { status: 482, why: 'merged' } : undefined
  },
  function needsNothingUnknown(invite, { recorders }) {
    return unknownExtension(invite, tag => KNOWN_EXTENSIONS.has(tag) || (tag === 'siprec' && recorders !== undefined))
  },
  function bodyIsSdp(invite) {
    return (invite.body ?? '').trim() === '' || sdpOf(invite) !== undefined ? encoded(invite) : NOT_SDP
  },
  function sessionIsLongEnough(invite) {
    const wanted = sessionExpires(invite)
    return wanted === undefined || wanted.seconds >= MIN_SESSION_S
      ? undefined
      : { status: 422, why: 'session-too-short', headers: { 'Min-SE': String(MIN_SESSION_S) } }
  },
]

const NOT_SDP: Refusal = { status: 415, why: 'body-not-sdp', headers: { Accept: 'application/sdp' } }

/** What a re-INVITE or UPDATE in a call is refused for; the call goes on. */
export function reofferRefusal(request: SrfRequest): Refusal | undefined {
  const unknown = unknownExtension(request, tag => KNOWN_EXTENSIONS.has(tag) || tag === 'siprec')
  if (unknown !== undefined) return unknown
  const understood = sdpOf(request) !== undefined || recordingMetadataOf(request) !== undefined
  return (request.body ?? '').trim() === '' || understood ? encoded(request) : NOT_SDP
}

function unknownExtension(request: SrfRequest, isKnown: (tag: string) => boolean): Refusal | undefined {
  const unknown = optionTags(request.get('Require')).filter(tag => !isKnown(tag))
  return unknown.length === 0
    ? undefined
    : { status: 420, why: 'unknown-extension', headers: { Unsupported: unknown.join(', ') } }
}

/** RFC 3261 section 8.2.3: a body in an encoding is no SDP yet, whatever its type says. */
function encoded(request: SrfRequest): Refusal | undefined {
  const encoding = request.get('Content-Encoding') ?? request.get('e') ?? 'identity'
  return (request.body ?? '') === '' || /^\s*identity\s*$/i.test(encoding)
    ? undefined
    : { status: 415, why: 'body-encoded', headers: { 'Accept-Encoding': 'identity' } }
}

export function checkInvite(invite: SrfRequest, door: Door): Refusal | undefined {
  for (const step of STEPS) {
    const refusal = step(invite, door)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function readable(invite: SrfRequest): boolean {
  try {
    const [contact] = invite.getParsedHeader('contact')
    const from = invite.getParsedHeader('from')
    const uris = [contact?.uri, from.uri, invite.getParsedHeader('to').uri]
    return uris.every(uri => /^(sips?|tel):[^<>\s]/i.test(uri ?? '')) && typeof from.params?.tag === 'string'
  } catch {
    return false
  }
}

/** The session description of a message, also out of a multipart body; undefined when there is none. */
export function sdpOf(message: SrfMessage): string | undefined {
  const text = bodyParts(message).find(({ type }) => type === '' || /^application\/sdp\b/i.test(type))?.content
  return text === undefined || text.trim() === '' ? undefined : text
}

/** The description of a recorded call (RFC 7866 section 8.1). */
export function recordingMetadataOf(message: SrfMessage): string | undefined {
  return bodyParts(message).find(({ type }) => /^application\/rs-metadata(\+xml)?\s*(;|$)/i.test(type))?.content
}

/** RFC 7866 section 6.1.1: a recording client requires the extension and marks its Contact. */
export function isRecording(message: SrfMessage): boolean {
  return optionTags(message.get('Require')).includes('siprec') || /;\s*\+sip\.src\b/i.test(message.get('Contact') ?? '')
}

export function optionTags(header: string | undefined): string[] {
  return (header ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(tag => tag !== '')
}
