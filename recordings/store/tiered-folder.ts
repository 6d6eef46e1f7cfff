import type { ByteSource } from '../vault/byte-source.ts'
import { KEY_FILE, VAULT_FILE } from '../vault/vault-names.ts'
import type { StoredFile, StoredFolder } from './stored-folder.ts'

/**
 * The wrapped data key never leaves this machine's disk: a store keeps versions and locks, and a key that cannot be
 * destroyed everywhere makes crypto-shredding a word.
 */
export const isHotOnly = (name: string): boolean => name === KEY_FILE

/** The vault's signed list goes to the store and stays on the disk too: it says that a folder is a sealed call. */
export const staysHot = (name: string): boolean => isHotOnly(name) || name === VAULT_FILE

/** A cold call: its bytes in the store, its key on this machine. */
export class TieredFolder implements StoredFolder {
  readonly #hot: StoredFolder
  readonly #cold: StoredFolder

  constructor(o: { readonly hot: StoredFolder; readonly cold: StoredFolder }) {
    this.#hot = o.hot
    this.#cold = o.cold
  }

  async list(): Promise<readonly StoredFile[]> {
    const [hot, cold] = await Promise.all([this.#hot.list(), this.#cold.list()])
    const all = [...cold.filter(({ name }) => !staysHot(name)), ...hot.filter(({ name }) => staysHot(name))]
    return all.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  has(name: string): Promise<boolean> {
    return this.#of(name).has(name)
  }

  open(name: string): Promise<ByteSource> {
    return this.#of(name).open(name)
  }

  put(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    return this.#of(name).put(name, pieces)
  }

  remove(name: string): Promise<void> {
    return this.#of(name).remove(name)
  }

  #of(name: string): StoredFolder {
    return staysHot(name) ? this.#hot : this.#cold
  }
}
