import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CallId } from '../../signaling/protocol/ids.ts'
import { MANIFEST_FILE, writeDurably } from '../archive/durable-file.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import type { SealKey } from '../seal/seal-key.ts'
import { LocalFolder } from '../store/local-folder.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import type { CallFiles, CallFilesRef } from './call-files.ts'
import { type ConversionStep, comingFolder, stateOf, swapIn } from './conversion.ts'
import type { EncryptedFolder, EncryptOrder } from './encrypt-folder.ts'
import { encryptInChild } from './encrypt-in-child.ts'
import { KEY_FORMAT, keyCheck, keyRecordText, readKeyRecord } from './key-record.ts'
import type { KeyRing } from './key-ring.ts'
import { VaultKeyError } from './key-wrapper.ts'
import { PlainCallFiles } from './plain-call-files.ts'
import { VaultCallFiles } from './vault-call-files.ts'
import { CHUNK_BYTES, DATA_KEY_BYTES, VAULT_FORMAT } from './vault-format.ts'
import { signedVaultText, type VaultList } from './vault-list.ts'
import { KEY_FILE, VAULT_FILE } from './vault-names.ts'

/** Unwrapped keys that are remembered, so that a player's many ranges ask the key service once. */
const MAX_REMEMBERED = 200

export type VaultOptions = {
  readonly keys: KeyRing
  readonly sealKey: SealKey
  /** How the bulk is encrypted; a child process unless a test wants it here. */
  readonly encrypt?: (order: EncryptOrder, signal: AbortSignal) => Promise<EncryptedFolder>
  /** For tests that cut the power. */
  readonly onStep?: (step: ConversionStep) => void
}

/** Encrypts sealed calls and opens them again. */
export class Vault {
  readonly #keys: KeyRing
  readonly #sealKey: SealKey
  readonly #encrypt: NonNullable<VaultOptions['encrypt']>
  readonly #onStep: (step: ConversionStep) => void
  /** By what is written in key.json, so that a shredded call is forgotten with its file. */
  readonly #remembered = new Map<string, Buffer>()
  readonly #converting = new Map<string, Promise<unknown>>()

  constructor(o: VaultOptions) {
    this.#keys = o.keys
    this.#sealKey = o.sealKey
    this.#encrypt = o.encrypt ?? encryptInChild
    this.#onStep = o.onStep ?? (() => {})
  }

  /**
   * Turns a sealed plain folder into its encrypted form; one that is encrypted already is left alone. When it fails, for
   * whatever reason, the plain record is still there, whole.
   * @throws VaultKeyError, NotAsSealed, or the file system's error
   */
  encryptCall(folder: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const running = this.#converting.get(folder)
    if (running !== undefined) return running as Promise<void>
    const job = this.#convert(folder, signal).finally(() => this.#converting.delete(folder))
    this.#converting.set(folder, job)
    return job
  }

  /** Resolves when no conversion of this folder is under way; never rejects. */
  async settled(folder: string): Promise<void> {
    await this.#converting.get(folder)?.catch(() => {})
  }

  /** The files of a call in whichever form they are kept, on this machine or elsewhere. @throws VaultKeyError */
  async filesOf(stored: StoredFolder): Promise<CallFiles> {
    if (!(await stored.has(VAULT_FILE))) return new PlainCallFiles(stored)
    const { callId, dataKey } = await this.dataKeyOf(stored)
    return new VaultCallFiles({ stored, callId, dataKey })
  }

  /** The same as plain data, for a folder on this machine. @throws VaultKeyError */
  async refOf(folder: string): Promise<CallFilesRef> {
    await this.settled(folder)
    const stored = new LocalFolder(folder)
    if (!(await stored.has(VAULT_FILE))) return { kind: 'plain', folder }
    const { callId, dataKey } = await this.dataKeyOf(stored)
    return { kind: 'vault', folder, callId, dataKey: dataKey.toString('base64') }
  }

  /** @throws VaultKeyError */
  async dataKeyOf(stored: StoredFolder): Promise<{ callId: CallId; dataKey: Buffer }> {
    const { callId, masterKeyId, wrapped } = await readKeyRecord(stored)
    const name = `${masterKeyId} ${callId} ${wrapped}`
    const dataKey = this.#remembered.get(name) ?? (await this.#keys.unwrap({ masterKeyId, wrapped }, callId))
    this.#remembered.delete(name)
    this.#remembered.set(name, dataKey)
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED) break
      this.#remembered.delete(oldest)
    }
    return { callId, dataKey }
  }

  /** Wraps the call's key with the current master key; nothing else is touched. @throws VaultKeyError */
  async rewrap(stored: StoredFolder): Promise<'rewrapped' | 'current'> {
    const record = await readKeyRecord(stored)
    if (record.masterKeyId === (await this.#keys.currentId())) return 'current'
    const dataKey = await this.#keys.unwrap(record, record.callId)
    await stored.put(KEY_FILE, [await this.#wrapped(dataKey, record.callId)])
    return 'rewrapped'
  }

  async #convert(folder: string, signal: AbortSignal): Promise<void> {
    const callId = CallId.parse(basename(folder))
    if (existsSync(join(folder, VAULT_FILE))) return
    const into = comingFolder(folder)
    const dataKey = randomBytes(DATA_KEY_BYTES)
    await rm(into, { recursive: true, force: true })
    await mkdir(into, { mode: 0o750 })
    try {
      // Wrapped first: without the master key no work is begun.
      const key = await this.#wrapped(dataKey, callId)
      const before = await stateOf(folder)
      const order = { from: folder, into, callId, dataKey: dataKey.toString('base64') }
      const encrypted = await this.#encrypt(order, signal)
      this.#onStep('encrypted')
      await writeDurably(join(into, KEY_FILE), Buffer.from(key))
      await writeDurably(join(into, VAULT_FILE), Buffer.from(this.#listText(callId, dataKey, encrypted)))
      this.#onStep('listed')
      await this.#tryOut(into, encrypted)
      this.#onStep('checked')
      // A derivative may have been put meanwhile; it must not go with the plain folder.
      if ((await stateOf(folder)) !== before) throw new Error('the folder was written to while it was encrypted')
      await swapIn(folder, this.#onStep)
    } catch (error) {
      if (existsSync(folder)) await rm(into, { recursive: true, force: true })
      throw error
    }
  }

  /** Reads the record back as a stranger would, key service included, before the plain form is given up. */
  async #tryOut(into: string, encrypted: EncryptedFolder): Promise<void> {
    const stored = new LocalFolder(into)
    const { callId, masterKeyId, wrapped } = await readKeyRecord(stored)
    const dataKey = await this.#keys.unwrap({ masterKeyId, wrapped }, callId)
    const files = new VaultCallFiles({ stored, callId, dataKey })
    for (const { path, bytes } of encrypted.files) {
      const source = await files.open(path)
      try {
        // The last chunk says that nothing is missing at the end.
        await source.read(Math.max(0, bytes - 1), 1)
        if (source.bytes !== bytes) throw new Error(`${path}: the encrypted form is not whole`)
      } finally {
        await source.close()
      }
    }
    const sha256 = createHash('sha256')
      .update(await files.read(MANIFEST_FILE))
      .digest('hex')
    if (sha256 !== encrypted.manifest.sha256) throw new Error('the encrypted manifest does not read back')
  }

  async #wrapped(dataKey: Buffer, callId: CallId): Promise<Buffer> {
    const wrapped = await this.#keys.wrap(dataKey, callId)
    // A key service that cannot open what it has just wrapped would lose the call.
    const back = await this.#keys.unwrap(wrapped, callId)
    if (!back.equals(dataKey)) throw new VaultKeyError('wrong-key', 'the wrapped key does not open again')
    const wrappedAt = new Date().toISOString()
    return Buffer.from(keyRecordText({ format: KEY_FORMAT, callId, ...wrapped, wrappedAt }))
  }

  #listText(callId: CallId, dataKey: Buffer, { files, manifest }: EncryptedFolder): string {
    const list: VaultList = {
      format: VAULT_FORMAT,
      callId,
      algorithm: 'AES-256-GCM/STREAM',
      chunkBytes: CHUNK_BYTES,
      keyCheck: keyCheck(dataKey, callId),
      manifest,
      files: [...files],
      seal: {
        sealedAt: new Date().toISOString(),
        algorithm: 'Ed25519',
        keyId: this.#sealKey.keyId,
        publicKey: this.#sealKey.publicKeyPem,
        signature: '',
      },
    }
    list.seal.signature = this.#sealKey.sign(signedVaultText(list))
    return canonicalJson(list)
  }
}
