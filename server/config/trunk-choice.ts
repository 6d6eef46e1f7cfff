import { isIP } from 'node:net'
import { type Trunk, trunkHost } from '../../signaling/sip/trunk.ts'
import type { TrunkLineOptions } from '../../signaling/sip/trunk-line.ts'
import { NumberPatterns } from '../calls/number-patterns.ts'
import type { DialRules } from '../dialling/dial-policy.ts'
import { ConfigError, type Env } from '../env.ts'

/** The way out into the telephone network, and who may take it. */
export type TrunkChoice = { readonly trunk: Trunk; readonly line: TrunkLineOptions; readonly dial: DialRules }

/** @throws ConfigError when settings contradict each other; undefined without a trunk */
export function decideTrunk(env: Env): TrunkChoice | undefined {
  const uri = env.TONGPING_TRUNK_URI
  const user = env.TONGPING_TRUNK_USER
  const password = env.TONGPING_TRUNK_PASSWORD
  const allow = env.TONGPING_DIAL_ALLOW ?? []
  if (uri === undefined) {
    if (allow.length > 0) throw new ConfigError('TONGPING_DIAL_ALLOW needs TONGPING_TRUNK_URI')
    if (user !== undefined || password !== undefined)
      throw new ConfigError('TONGPING_TRUNK_USER needs TONGPING_TRUNK_URI')
    return undefined
  }
  if (!/^sips?:[^\s<>"@]+$/i.test(uri))
    throw new ConfigError('TONGPING_TRUNK_URI must read sip:host[:port][;transport=tcp]')
  if (!/^sips?:[^;?]+(;transport=(udp|tcp|tls))?$/i.test(uri) || /^sips:.*;transport=(udp|tcp)/i.test(uri))
    throw new ConfigError('TONGPING_TRUNK_URI takes no parameter but ;transport=udp, tcp or tls, and sips: is TLS')
  if ((user === undefined) !== (password === undefined))
    throw new ConfigError('TONGPING_TRUNK_USER and TONGPING_TRUNK_PASSWORD go together')
  const fromNumber = env.TONGPING_TRUNK_FROM_NUMBER ?? user
  if (fromNumber === undefined)
    throw new ConfigError('TONGPING_TRUNK_FROM_NUMBER is needed where the trunk has no user')
  if (!NumberPatterns.are(allow))
    throw new ConfigError(
      'TONGPING_DIAL_ALLOW takes numbers with ? for one digit and * at the end, separated by commas',
    )
  const expiresS = env.TONGPING_TRUNK_REGISTER_SECONDS ?? 0
  const keepAliveS = env.TONGPING_TRUNK_KEEPALIVE_SECONDS ?? 30
  const isNamed = isIP(trunkHost({ proxy: uri })) === 0
  // A trunk that is heard of by nothing but its own calls can only be known by a list.
  if (isNamed && expiresS === 0 && keepAliveS === 0 && (env.TONGPING_SIP_TRUNKS ?? []).length > 0)
    throw new ConfigError(
      'TONGPING_TRUNK_URI is a name, and with TONGPING_SIP_TRUNKS its addresses are learned by TONGPING_TRUNK_REGISTER_SECONDS or TONGPING_TRUNK_KEEPALIVE_SECONDS: one of them is needed',
    )
  if (isTls(uri) && env.TONGPING_DRACHTIO_HOST === undefined && env.TONGPING_SIP_TLS_CERT_FILE === undefined)
    throw new ConfigError('TONGPING_TRUNK_URI over TLS needs TONGPING_SIP_TLS_CERT_FILE and TONGPING_SIP_TLS_KEY_FILE')
  return {
    trunk: {
      name: 'trunk',
      proxy: uri,
      ...(env.TONGPING_TRUNK_DOMAIN !== undefined && { domain: env.TONGPING_TRUNK_DOMAIN }),
      ...(user !== undefined && password !== undefined && { credentials: { username: user, password } }),
      fromNumber,
      assertIdentity: env.TONGPING_TRUNK_ASSERT_IDENTITY ?? false,
    },
    line: {
      ...(expiresS > 0 && { register: { expiresS } }),
      ...(keepAliveS > 0 && { keepAliveMs: keepAliveS * 1000 }),
    },
    dial: {
      allow,
      maxCalls: env.TONGPING_DIAL_MAX_CALLS ?? 10,
      maxCallsPerAgent: env.TONGPING_DIAL_MAX_CALLS_PER_AGENT ?? 2,
      callsPerMinute: env.TONGPING_DIAL_CALLS_PER_MINUTE ?? 30,
      callsPerMinutePerAgent: env.TONGPING_DIAL_CALLS_PER_MINUTE_PER_AGENT ?? 6,
    },
  }
}

function isTls(uri: string): boolean {
  return /^sips:|;transport=tls$/i.test(uri)
}
