export const ANONYMOUS = 'anonymous'
const WITHHELD = new Set(['', ANONYMOUS, 'unknown', 'unavailable', 'restricted', 'private'])
const MAX_LENGTH = 64

/** Header texts as they came; undefined when the message has none. */
export type CallerHeaders = {
  from: string | undefined
  assertedIdentity: string | undefined
  privacy: string | undefined
}

/**
 * The number to show for a caller. The identity asserted by the network (RFC 3325) goes before From, which the
 * caller writes; where the caller asks for privacy, neither is shown.
 */
export function callerNumber(headers: CallerHeaders): string {
  const privacy = (headers.privacy ?? '').toLowerCase().split(/[;,\s]+/)
  if (privacy.includes('id') || privacy.includes('user')) return ANONYMOUS
  const from = withoutQuotes(headers.from ?? '')
  const fromUser = userOf(from)
  if (WITHHELD.has(fromUser.toLowerCase()) || /@anonymous\.invalid/i.test(from)) return ANONYMOUS
  const asserted = withoutQuotes(headers.assertedIdentity ?? '')
    .split(',')
    .map(userOf)
    .find(user => !WITHHELD.has(user.toLowerCase()))
  return asserted ?? fromUser
}

/** User part of the first sip:, sips: or tel: URI in a header or request line, without parameters; '' when none. */
export function userOf(text: string): string {
  const named = withoutQuotes(text)
  const sip = /sips?:([^@>;,\s]*)(?:;[^@>,\s]*)?@/i.exec(named)?.[1]
  const user = sip?.split(':')[0] ?? /tel:([^;>,\s?]+)/i.exec(named)?.[1] ?? ''
  const plain = decode(user).replace(/[^\p{L}\p{N}+*#._~!$&'()=/-]/gu, '')
  // Phone numbers may come with visual separators (RFC 3966 section 3).
  return (/^\+?[\d().-]+$/.test(plain) ? plain.replace(/[().-]/g, '') : plain).slice(0, MAX_LENGTH)
}

/** A caller writes what it likes between quotes, an address too; one that is never closed goes to the end. */
function withoutQuotes(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*("|$)/g, '')
}

function decode(user: string): string {
  try {
    return decodeURIComponent(user)
  } catch {
    return user
  }
}

/** Host (and port) of the first sip: or sips: URI in a header; undefined when there is none worth calling back to. */
export function hostOf(text: string): string | undefined {
  const host = /sips?:(?:[^@>;,\s]*@)?(\[[0-9a-f:.]+\](?::\d+)?|[\w.-]+(?::\d+)?)/i.exec(withoutQuotes(text))?.[1]
  return host === undefined || /\.invalid$/i.test(host) ? undefined : host
}
