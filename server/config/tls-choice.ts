import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

export type TlsChoice =
  | { readonly kind: 'self-made' }
  | { readonly kind: 'files'; readonly certFile: string; readonly keyFile: string }

/** @throws ConfigError when only one of the two files is given */
export function decideTls(env: Env, path: PathOf): TlsChoice {
  const { TONGPING_TLS_CERT_FILE: certFile, TONGPING_TLS_KEY_FILE: keyFile } = env
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigError('TONGPING_TLS_CERT_FILE and TONGPING_TLS_KEY_FILE go together')
  return certFile !== undefined && keyFile !== undefined
    ? { kind: 'files', certFile: path(certFile), keyFile: path(keyFile) }
    : { kind: 'self-made' }
}
