import { createHash, randomBytes } from 'node:crypto'

type Credentials = { readonly username: string; readonly password: string }
type Challenge = ReadonlyMap<string, string>

/** By the names of RFC 8760 and those of Node. */
const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }
/** One parameter, and before the first one of a challenge its scheme. */
const PARAMETER = /\s*,?\s*(?:([\w-]+)\s+(?=[\w-]+\s*=))?([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/gy

/**
 * The credentials for a Digest challenge (RFC 3261 section 22, RFC 8760): MD5, SHA-256 and SHA-512-256, also `-sess`, of
 * several challenges the first that can be answered, which is the one that the peer prefers. undefined when none can.
 *
 * @param challenges a whole WWW- or Proxy-Authenticate header; several are joined by commas
 * @param uri of the request, as it is sent
 */
export function digestAnswer(o: {
  challenges: string
  method: string
  uri: string
  credentials: Credentials
  cnonce?: string
}): string | undefined {
  for (const challenge of challengesOf(o.challenges)) {
    const algorithm = challenge.get('algorithm') ?? 'MD5'
    const [, name = '', session] = /^(.*?)(-sess)?$/i.exec(algorithm) ?? []
    const hash = HASHES[name.toUpperCase()]
    const [realm, nonce] = [challenge.get('realm'), challenge.get('nonce')]
    const offered = challenge
      .get('qop')
      ?.split(',')
      .map(one => one.trim().toLowerCase())
    if (hash === undefined || realm === undefined || nonce === undefined || offered?.includes('auth') === false)
      continue
    const { username, password } = o.credentials
    const digest = (...parts: string[]) => createHash(hash).update(parts.join(':')).digest('hex')
    const cnonce = o.cnonce ?? randomBytes(12).toString('hex')
    const secret = digest(username, realm, password)
    const ha1 = session === undefined ? secret : digest(secret, nonce, cnonce)
    const ha2 = digest(o.method, o.uri)
    const qop = offered && 'auth'
    const response = qop ? digest(ha1, nonce, '00000001', cnonce, qop, ha2) : digest(ha1, nonce, ha2)
    const opaque = challenge.get('opaque')
    return [
      `Digest username=${quoted(username)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(o.uri)}`,
      `response="${response}"`,
      `algorithm=${algorithm}`,
      ...(qop ? [`qop=${qop}`, 'nc=00000001'] : []),
      ...(qop || session !== undefined ? [`cnonce="${cnonce}"`] : []),
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ].join(', ')
  }
  return undefined
}

/** Whether the password was right, and only the nonce too old. */
export function isStale(challenges: string): boolean {
  return challengesOf(challenges).some(challenge => challenge.get('stale')?.toLowerCase() === 'true')
}

/** Parameters by name in lower case, of the Digest challenges among them. */
function challengesOf(header: string): readonly Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = []
  for (const [, scheme, name = '', text, token = ''] of header.matchAll(PARAMETER)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    found.at(-1)?.parameters.set(name.toLowerCase(), text?.replaceAll(/\\(.)/g, '$1') ?? token)
  }
  return found.filter(({ scheme }) => scheme === 'digest').map(({ parameters }) => parameters)
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
