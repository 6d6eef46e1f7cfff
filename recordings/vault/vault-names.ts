import { isSafePath } from './safe-path.ts'

/** What the vault says of an encrypted call, signed: its presence makes a folder an encrypted one. */
export const VAULT_FILE = 'vault.json'
/** The call's data key, wrapped by a master key. Without it the call can never be read again. */
export const KEY_FILE = 'key.json'

/**
 * Time stamps hold hashes only and prove themselves; they stay plain, so that whoever has no key can check them too.
 */
export function isKeptPlain(path: string): boolean {
  return path.startsWith('derived/stamp/') && isSafePath(path)
}
