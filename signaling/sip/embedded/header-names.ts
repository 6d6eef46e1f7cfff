/** RFC 3261 section 7.3.3 and the IANA registry of compact forms. */
const compactForms: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
])

/** Names whose canonical spelling is not "a capital after each dash". */
const irregularSpellings: ReadonlyMap<string, string> = new Map([
  ['call-id', 'Call-ID'],
  ['cseq', 'CSeq'],
  ['mime-version', 'MIME-Version'],
  ['min-se', 'Min-SE'],
  ['rack', 'RAck'],
  ['rseq', 'RSeq'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['sip-etag', 'SIP-ETag'],
  ['sip-if-match', 'SIP-If-Match'],
])

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/

/** True for an RFC 3261 `token`, the only thing a header name or a method may be. */
export function isToken(text: string): boolean {
  return token.test(text)
}

/** The lower-case long form under which a header is looked up: `f` and `FROM` are both `from`. */
export function headerKey(name: string): string {
  const lower = name.toLowerCase()
  return lower.length === 1 ? (compactForms.get(lower) ?? lower) : lower
}

/** The spelling under which a header leaves us; names that begin with `x-` stay as the application typed them. */
export function canonicalName(name: string): string {
  const key = headerKey(name)
  if (key.startsWith('x-')) return name
  return (
    irregularSpellings.get(key) ?? key.replace(/(^|-)([a-z])/g, (_all, dash, letter) => dash + letter.toUpperCase())
  )
}
