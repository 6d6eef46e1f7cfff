import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

/** SIP over TLS of the embedded server. */
export type SipTlsChoice = {
  readonly port: number
  readonly certFile: string
  readonly keyFile: string
  /** Undefined: the authorities that Node knows. */
  readonly caFile: string | undefined
  readonly verifyServer: boolean
}

/** What the embedded server takes on before a call reaches us. */
export type SipLimits = {
  /** Undefined: no limit. */
  readonly callsPerSecond: number | undefined
  readonly concurrentCalls: number | undefined
  readonly eventLoopLagMs: number
  /** New requests a second of one address; undefined: no limit. */
  readonly requestsPerSource: number | undefined
}

const DEFAULT_LAG_MS = 2000
/** An open door hears everybody, but nobody this often. */
const OPEN_DOOR_REQUESTS_PER_SOURCE = 100

/** @throws ConfigError when only some of the settings are given */
export function decideSipTls(env: Env, path: PathOf): SipTlsChoice | undefined {
  const { TONGPING_SIP_TLS_CERT_FILE: certFile, TONGPING_SIP_TLS_KEY_FILE: keyFile } = env
  const others = [env.TONGPING_SIP_TLS_PORT, env.TONGPING_SIP_TLS_CA_FILE, env.TONGPING_SIP_TLS_VERIFY]
  if (certFile === undefined || keyFile === undefined) {
    if (certFile === undefined && keyFile === undefined && others.every(value => value === undefined)) return undefined
    throw new ConfigError('SIP over TLS needs TONGPING_SIP_TLS_CERT_FILE and TONGPING_SIP_TLS_KEY_FILE')
  }
  return {
    port: env.TONGPING_SIP_TLS_PORT ?? 5061,
    certFile: path(certFile),
    keyFile: path(keyFile),
    caFile: env.TONGPING_SIP_TLS_CA_FILE === undefined ? undefined : path(env.TONGPING_SIP_TLS_CA_FILE),
    verifyServer: env.TONGPING_SIP_TLS_VERIFY ?? true,
  }
}

export function decideSipLimits(env: Env): SipLimits {
  const isOpen = (env.TONGPING_SIP_TRUNKS ?? []).length === 0
  return {
    callsPerSecond: env.TONGPING_SIP_CALLS_PER_SECOND,
    concurrentCalls: env.TONGPING_SIP_CONCURRENT_CALLS,
    eventLoopLagMs: env.TONGPING_SIP_MAX_LAG_MS ?? DEFAULT_LAG_MS,
    requestsPerSource: env.TONGPING_SIP_REQUESTS_PER_SOURCE ?? (isOpen ? OPEN_DOOR_REQUESTS_PER_SOURCE : undefined),
  }
}
