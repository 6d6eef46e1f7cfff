import { join } from 'node:path'
import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

/** Who holds the master key of the vault. */
export type VaultKeyChoice =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'given'; readonly text: string }
  | { readonly kind: 'kms'; readonly url: string; readonly token: string }

/** @throws ConfigError when more than one key is given */
export function decideVaultKey(env: Env, path: PathOf): VaultKeyChoice {
  const given = [env.TONGPING_VAULT_KEY_FILE, env.TONGPING_VAULT_KEY, env.TONGPING_KMS_URL]
  if (given.filter(value => value !== undefined).length > 1)
    throw new ConfigError('only one of TONGPING_VAULT_KEY_FILE, TONGPING_VAULT_KEY and TONGPING_KMS_URL may be set')
  if ((env.TONGPING_KMS_URL === undefined) !== (env.TONGPING_KMS_TOKEN === undefined))
    throw new ConfigError('TONGPING_KMS_URL and TONGPING_KMS_TOKEN go together')
  if (env.TONGPING_KMS_URL !== undefined && env.TONGPING_KMS_TOKEN !== undefined)
    return { kind: 'kms', url: env.TONGPING_KMS_URL, token: env.TONGPING_KMS_TOKEN }
  if (env.TONGPING_VAULT_KEY !== undefined) return { kind: 'given', text: env.TONGPING_VAULT_KEY }
  const dataDir = env.TONGPING_DATA_DIR ?? 'data'
  return { kind: 'file', path: path(env.TONGPING_VAULT_KEY_FILE ?? join(dataDir, 'secrets', 'vault-master.key')) }
}
