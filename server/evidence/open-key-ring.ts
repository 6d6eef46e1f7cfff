import { KeyRing } from '../../recordings/vault/key-ring.ts'
import type { KeyWrapper } from '../../recordings/vault/key-wrapper.ts'
import { KmsKey } from '../../recordings/vault/kms-key.ts'
import { LocalKey } from '../../recordings/vault/local-key.ts'
import type { Config } from '../config.ts'
import { ConfigError } from '../env.ts'
import type { Logger } from '../logger.ts'

/** The master keys of this installation. @throws ConfigError when one of them is missing or no key */
export async function openKeyRing({ key, oldKeys, oldKeyFiles }: Config['vault'], logger: Logger): Promise<KeyRing> {
  try {
    const old: KeyWrapper[] = oldKeys.map(text => LocalKey.fromText(text))
    for (const path of oldKeyFiles) old.push(await LocalKey.fromFile(path))
    switch (key.kind) {
      case 'given':
        return new KeyRing(LocalKey.fromText(key.text), old)
      case 'kms':
        return new KeyRing(new KmsKey(key), old)
      case 'file': {
        const { key: current, made } = await LocalKey.loadOrCreate(key.path)
        if (made)
          logger.warn(
            { path: key.path, masterKeyId: current.id },
            'a master key was made: back it up apart from the recordings; without it no encrypted call can ever be read',
          )
        return new KeyRing(current, old)
      }
    }
  } catch (error) {
    throw new ConfigError(`vault: ${error instanceof Error ? error.message : String(error)}`)
  }
}
