import type { CallId } from '../../signaling/protocol/ids.ts'
import { type KeyWrapper, VaultKeyError, type WrappedKey } from './key-wrapper.ts'
import { DATA_KEY_BYTES } from './vault-format.ts'

/** The master key that wraps from now on, and older ones that still open what they wrapped. */
export class KeyRing {
  readonly #current: KeyWrapper
  readonly #old: readonly KeyWrapper[]

  constructor(current: KeyWrapper, old: readonly KeyWrapper[] = []) {
    this.#current = current
    this.#old = old
  }

  /** @throws VaultKeyError `unavailable` */
  currentId(): Promise<string> {
    return this.#current.currentId()
  }

  knows(masterKeyId: string): boolean {
    return [this.#current, ...this.#old].some(wrapper => wrapper.knows(masterKeyId))
  }

  /** @throws VaultKeyError */
  wrap(dataKey: Buffer, callId: CallId): Promise<WrappedKey> {
    return this.#current.wrap(dataKey, contextOf(callId))
  }

  /** @throws VaultKeyError */
  async unwrap(key: WrappedKey, callId: CallId): Promise<Buffer> {
    const wrapper = [this.#current, ...this.#old].find(one => one.knows(key.masterKeyId))
    if (wrapper === undefined)
      throw new VaultKeyError('unknown-master-key', `master key ${key.masterKeyId} is not configured`)
    const dataKey = await wrapper.unwrap(key, contextOf(callId))
    if (dataKey.length !== DATA_KEY_BYTES) throw new VaultKeyError('wrong-key', 'what was unwrapped is no data key')
    return dataKey
  }
}

/** A wrapped key copied into another call's folder does not open. */
function contextOf(callId: CallId): string {
  return `tongping-vault/1 data key of ${callId}`
}
