import { join } from 'node:path'
import { SealKey } from '../../recordings/seal/seal-key.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { Vault } from '../../recordings/vault/vault.ts'
import { decideConfig } from '../config.ts'
import { readEnv } from '../env.ts'
import { createLogger } from '../logger.ts'
import { openKeyRing } from './open-key-ring.ts'

/**
 * For scripts beside the server: opens a call's folder on this machine, encrypted or not, with the settings of the server.
 * @throws ConfigError
 */
export async function openVaultReader(
  dataDir: string,
  env: Record<string, string | undefined>,
): Promise<(folder: string) => Promise<CallFiles>> {
  const config = decideConfig(readEnv({ ...env, TONGPING_DATA_DIR: dataDir }), process.cwd())
  const keys = await openKeyRing(config.vault, createLogger({ level: 'warn' }))
  const vault = new Vault({ keys, sealKey: await SealKey.loadOrCreate(join(config.dataDir, 'secrets')) })
  return folder => vault.filesOf(new LocalFolder(folder))
}
