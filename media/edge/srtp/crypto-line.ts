import { MasterKey } from './master-key.ts'
import { isSuite, OFFERED_SUITES, type SuiteName } from './suite.ts'

/** One `a=crypto` attribute (RFC 4568 section 4) that we understand in full. */
export type CryptoLine = { readonly tag: number; readonly key: MasterKey }

/**
 * Reads an attribute as sdp-transform splits it. undefined for unknown suites, several keys, master key identifiers, and
 * session parameters that would change the protection: such a line is as if it were not there (RFC 4568 section 5.1.2).
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
  // A window size is a hint; everything else has to be agreed on.
  if (session !== '' && !session.split(/\s+/).every(word => /^WSH=\d+$/.test(word))) return undefined
  const [inline, ...parts] = line.config.trim().split('|')
  // Behind the key: a lifetime, which no call outlives (2^31 packets and more are customary), and a key identifier, which is refused.
  if (parts.length > 1 || parts.some(part => part.includes(':'))) return undefined
  const text = /^inline:(\S+)$/.exec(inline ?? '')?.[1]
  const key = text === undefined ? undefined : MasterKey.fromBase64(line.suite, text)
  return key === undefined ? undefined : { tag, key }
}

export const writeCryptoLine = ({ tag, key }: CryptoLine): string =>
  `a=crypto:${tag} ${key.suite} inline:${key.toBase64()}`

/** A key of its own for each suite that we offer. */
export const offerCryptoLines = (suites: readonly SuiteName[] = OFFERED_SUITES): CryptoLine[] =>
  suites.map((suite, n) => ({ tag: n + 1, key: MasterKey.random(suite) }))
