import { MasterKey } from './master-key.ts'
import { isSuite, OFFERED_SUITES, type SuiteName } from './suite.ts'

/** One `a=crypto` attribute (RFC 4568 section 4) that we understand in full. */
export type CryptoLine = {
  readonly tag: number
  readonly key: MasterKey
  /** What stands in each packet under this key to name it (RFC 3711 section 3.1, MKI). */
  readonly mki?: Buffer
}

/** Longest identifier that RFC 4568 section 6.1 allows. */
const MAX_MKI_BYTES = 128

/**
 * Reads an attribute, split at its spaces. undefined for unknown suites, several keys, and session parameters that would
 * change the protection: such a line is as if it were not there (RFC 4568 section 5.1.2).
 */
export function readCryptoLine(line: {
  id: number | string
  suite: string
  config: string
  sessionConfig?: string | undefined
}): CryptoLine | undefined {
  const tag = Number(line.id)
  if (!isSuite(line.suite) || !Number.isInteger(tag) || tag < 1 || tag > 999_999_999) return undefined
  const session = (line.sessionConfig ?? '').trim()
  // A window size is a hint, and what begins with a dash may be left out (section 6.3.7); all else has to be agreed on.
  if (session !== '' && !session.split(/\s+/).every(word => /^(WSH=\d+|-.*)$/.test(word))) return undefined
  const [inline, ...parts] = line.config.trim().split('|')
  const text = /^inline:(\S+)$/.exec(inline ?? '')?.[1]
  const key = text === undefined ? undefined : MasterKey.fromBase64(line.suite, text)
  if (key === undefined) return undefined
  // Behind the key: a lifetime, which no call outlives (2^31 packets and more are customary), and an identifier.
  if (/^(2\^)?\d+$/.test(parts[0] ?? '')) parts.shift()
  const [named, ...rest] = parts
  if (named === undefined) return { tag, key }
  const mki = readMki(named)
  return mki === undefined || rest.length > 0 ? undefined : { tag, key, mki }
}

/** `value:length`, both decimal: a big-endian number of so many bytes. */
function readMki(text: string): Buffer | undefined {
  const [, value = '', length = ''] = /^(\d{1,400}):(\d{1,3})$/.exec(text) ?? []
  const bytes = Number(length)
  if (value === '' || bytes < 1 || bytes > MAX_MKI_BYTES) return undefined
  const hex = BigInt(value).toString(16)
  return hex.length > bytes * 2 ? undefined : Buffer.from(hex.padStart(bytes * 2, '0'), 'hex')
}

export const writeCryptoLine = ({ tag, key }: CryptoLine): string =>
  `a=crypto:${tag} ${key.suite} inline:${key.toBase64()}`

/** A key of its own for each suite that we offer. */
export const offerCryptoLines = (suites: readonly SuiteName[] = OFFERED_SUITES): CryptoLine[] =>
  suites.map((suite, n) => ({ tag: n + 1, key: MasterKey.random(suite) }))
