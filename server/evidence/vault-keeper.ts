import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { MANIFEST_FILE } from '../../recordings/archive/durable-file.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import type { CallFiles, CallFilesRef } from '../../recordings/vault/call-files.ts'
import { finishConversions } from '../../recordings/vault/conversion.ts'
import { NotAsSealed } from '../../recordings/vault/encrypt-folder.ts'
import { readKeyRecord } from '../../recordings/vault/key-record.ts'
import type { KeyRing } from '../../recordings/vault/key-ring.ts'
import { VaultKeyError } from '../../recordings/vault/key-wrapper.ts'
import type { Vault } from '../../recordings/vault/vault.ts'
import { VAULT_FILE } from '../../recordings/vault/vault-names.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { Encryption, VaultFailure } from '../../signaling/protocol/review.ts'
import type { Events } from '../events.ts'

const RETRY_MS = 5 * 60_000

export type VaultKeeperOptions = {
  readonly vault: Vault
  readonly keys: KeyRing
  readonly recordingsDir: string
  readonly events: Events
  /** False: what is encrypted can be read, and nothing more is encrypted. */
  readonly encrypting: boolean
  readonly retryMs?: number
  /** A call could not be encrypted (why), or now is (undefined): the mark on the record. */
  readonly onState?: (callId: CallId, failure: VaultFailure | undefined) => Promise<void>
}

/** Sees to it that every sealed call of this node is encrypted, sooner or later, and that nobody is left unaware when not. */
export class VaultKeeper {
  readonly #o: VaultKeeperOptions
  /** Folders that are still plain. */
  readonly #waiting = new Set<string>()
  /** Why the last attempt failed. */
  readonly #failures = new Map<string, VaultFailure>()
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  private constructor(o: VaultKeeperOptions) {
    this.#o = o
  }

  /** Puts half-made conversions right, then encrypts in the background what is still plain. */
  static async open(o: VaultKeeperOptions): Promise<VaultKeeper> {
    const keeper = new VaultKeeper(o)
    for (const folder of await finishConversions(o.recordingsDir)) o.events.vaultRepaired(basename(folder))
    await keeper.#lookAround()
    return keeper
  }

  /** Sealed calls that are still plain although they should not be. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether a call is being encrypted, or still to be: it must not be moved or destroyed meanwhile. */
  isWaiting(folder: string): boolean {
    return this.#waiting.has(folder)
  }

  /** How a folder that is not encrypted comes to be plain. */
  plainBecause(folder: string): PlainBecause {
    const reason = this.#failures.get(folder)
    if (reason !== undefined) return { state: 'failed', reason }
    return { state: this.#waiting.has(folder) ? 'waiting' : 'off' }
  }

  /** A call was sealed. Readers that come while it is encrypted wait for the end. */
  sealed(folder: string): void {
    if (!this.#o.encrypting || this.#stop.signal.aborted) return
    this.#waiting.add(folder)
    this.#encryptSoon()
  }

  /** @throws AppError `unavailable` when the key is gone, unknown or cannot be had now */
  async filesOf(stored: StoredFolder): Promise<CallFiles> {
    return unlocked(this.#o.vault.filesOf(stored))
  }

  /** @throws AppError `unavailable` */
  async refOf(folder: string): Promise<CallFilesRef> {
    return unlocked(this.#o.vault.refOf(folder))
  }

  /** The call's own key; undefined for a plain call, and when it cannot be had. */
  async dataKeyOf(stored: StoredFolder): Promise<Buffer | undefined> {
    try {
      return (await stored.has(VAULT_FILE)) ? (await this.#o.vault.dataKeyOf(stored)).dataKey : undefined
    } catch (error) {
      if (error instanceof VaultKeyError) return undefined
      throw error
    }
  }

  settled(folder: string): Promise<void> {
    return this.#o.vault.settled(folder)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  #encryptSoon(): void {
    clearTimeout(this.#timer)
    // One after the other: there is one disk, and the calls come first.
    this.#running = this.#running.then(() => this.#encryptAll())
  }

  async #encryptAll(): Promise<void> {
    for (const folder of [...this.#waiting]) {
      if (this.#stop.signal.aborted) return
      const callId = basename(folder)
      try {
        await this.#o.vault.encryptCall(folder, this.#stop.signal)
        this.#waiting.delete(folder)
        this.#o.events.vaulted(callId, 'encrypted')
        await this.#mark(folder, undefined)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#o.events.vaulted(callId, reasonOf(error), error)
        await this.#mark(folder, reasonOf(error))
      }
    }
    if (this.#waiting.size === 0 || this.#stop.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#encryptSoon(), this.#o.retryMs ?? RETRY_MS)
    this.#timer.unref()
  }

  /** The mark is an index: encrypting goes on when it cannot be set. */
  async #mark(folder: string, failure: VaultFailure | undefined): Promise<void> {
    if (failure === undefined) this.#failures.delete(folder)
    else this.#failures.set(folder, failure)
    const callId = CallId.safeParse(basename(folder)).data
    try {
      if (callId) await this.#o.onState?.(callId, failure)
    } catch (error) {
      this.#o.events.fault('vault', error)
    }
  }

  async #lookAround(): Promise<void> {
    const { recordingsDir, keys, events, encrypting } = this.#o
    let locked = 0
    for (const day of await readdir(recordingsDir).catch(() => [])) {
      for (const call of await readdir(join(recordingsDir, day)).catch(() => [])) {
        if (!CallId.safeParse(call).success) continue
        const folder = join(recordingsDir, day, call)
        const names = await readdir(folder)
        if (names.includes(VAULT_FILE)) locked += (await isLocked(folder, keys)) ? 1 : 0
        else if (encrypting && names.includes(MANIFEST_FILE) && !names.includes('call.lock')) this.#waiting.add(folder)
      }
    }
    if (locked > 0) events.vaultLocked(locked)
    if (this.#waiting.size > 0) this.#encryptSoon()
  }
}

async function isLocked(folder: string, keys: KeyRing): Promise<boolean> {
  const record = await readKeyRecord(new LocalFolder(folder)).catch(() => undefined)
  return record === undefined || !keys.knows(record.masterKeyId)
}

async function unlocked<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof VaultKeyError)
      throw new AppError('unavailable', `this record cannot be opened now: ${error.code}`, { cause: error })
    throw error
  }
}

export type PlainBecause = Exclude<Encryption, { state: 'encrypted' }>

function reasonOf(error: unknown): VaultFailure {
  if (error instanceof NotAsSealed) return 'not-as-sealed'
  if (error instanceof VaultKeyError) return 'no-master-key'
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'failed'
}
