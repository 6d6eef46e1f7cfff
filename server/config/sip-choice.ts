import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'
import { decideSipLimits, decideSipTls, type SipLimits, type SipTlsChoice } from './sip-edge-choice.ts'

/** Who speaks SIP for us. */
export type SipChoice =
  | {
      readonly kind: 'embedded'
      readonly host: string
      readonly port: number
      readonly externalAddress: string | undefined
      /** Whether UDP peers that do not ask for it are answered where they send from (RFC 3581). */
      readonly rport: 'always' | 'asked'
      readonly auth: { readonly realm: string; readonly users: ReadonlyMap<string, string> } | undefined
      readonly tls: SipTlsChoice | undefined
      readonly limits: SipLimits
    }
  | { readonly kind: 'drachtio'; readonly host: string; readonly port: number; readonly secret: string }

/** @throws ConfigError when settings contradict each other */
export function decideSip(env: Env, path: PathOf): SipChoice {
  const own = [
    env.TONGPING_SIP_HOST,
    env.TONGPING_SIP_PORT,
    env.TONGPING_SIP_EXTERNAL_ADDRESS,
    env.TONGPING_SIP_RPORT,
    env.TONGPING_SIP_AUTH_USERS,
    env.TONGPING_SIP_TLS_PORT,
    env.TONGPING_SIP_TLS_CERT_FILE,
    env.TONGPING_SIP_TLS_KEY_FILE,
    env.TONGPING_SIP_CALLS_PER_SECOND,
    env.TONGPING_SIP_CONCURRENT_CALLS,
    env.TONGPING_SIP_MAX_LAG_MS,
    env.TONGPING_SIP_REQUESTS_PER_SOURCE,
  ]
  if (env.TONGPING_DRACHTIO_HOST !== undefined) {
    if (env.TONGPING_DRACHTIO_SECRET === undefined) {
      throw new ConfigError('TONGPING_DRACHTIO_HOST needs TONGPING_DRACHTIO_SECRET')
    }
    if (own.some(value => value !== undefined)) {
      throw new ConfigError(
        'TONGPING_SIP_* belongs to the embedded SIP server; with TONGPING_DRACHTIO_HOST set, configure drachtio-server instead',
      )
    }
    return {
      kind: 'drachtio',
      host: env.TONGPING_DRACHTIO_HOST,
      port: env.TONGPING_DRACHTIO_PORT ?? 9022,
      secret: env.TONGPING_DRACHTIO_SECRET,
    }
  }
  if (env.TONGPING_DRACHTIO_SECRET !== undefined || env.TONGPING_DRACHTIO_PORT !== undefined) {
    throw new ConfigError('TONGPING_DRACHTIO_PORT and _SECRET need TONGPING_DRACHTIO_HOST')
  }
  return {
    kind: 'embedded',
    host: env.TONGPING_SIP_HOST ?? '0.0.0.0',
    port: env.TONGPING_SIP_PORT ?? 5060,
    externalAddress: env.TONGPING_SIP_EXTERNAL_ADDRESS,
    rport: env.TONGPING_SIP_RPORT ?? 'always',
    auth: decideSipAuth(env),
    tls: decideSipTls(env, path),
    limits: decideSipLimits(env),
  }
}

function decideSipAuth(env: Env) {
  if (env.TONGPING_SIP_AUTH_USERS === undefined) {
    if (env.TONGPING_SIP_AUTH_REALM !== undefined)
      throw new ConfigError('TONGPING_SIP_AUTH_REALM needs TONGPING_SIP_AUTH_USERS')
    return undefined
  }
  const users = new Map<string, string>()
  for (const pair of env.TONGPING_SIP_AUTH_USERS) {
    const colon = pair.indexOf(':')
    if (colon < 1 || colon === pair.length - 1)
      throw new ConfigError('TONGPING_SIP_AUTH_USERS must read user:password,user:password')
    users.set(pair.slice(0, colon), pair.slice(colon + 1))
  }
  return { realm: env.TONGPING_SIP_AUTH_REALM ?? 'tongping', users }
}
