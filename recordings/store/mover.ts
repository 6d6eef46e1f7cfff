import { createHash } from 'node:crypto'
import { piecesOf } from '../vault/read-source.ts'
import { VAULT_FILE } from '../vault/vault-names.ts'
import type { Pace } from './pace.ts'
import type { ObjectLock, S3Folder } from './s3-folder.ts'
import { StoreDamage } from './store-errors.ts'
import type { StoredFolder } from './stored-folder.ts'
import type { TierRecord } from './tier-record.ts'
import { isHotOnly, staysHot } from './tiered-folder.ts'

/** A call that must not be moved as it is. */
export class MoveRefused extends Error {
  override name = 'MoveRefused'
  readonly reason: 'not-encrypted' | 'damaged'
  constructor(reason: 'not-encrypted' | 'damaged') {
    super(reason === 'damaged' ? 'this record is damaged' : 'this record is not encrypted')
    this.reason = reason
  }
}

export type MoverOptions = {
  /** True when a call's folder is whole and unchanged; asked before anything is copied, and of what was fetched back. */
  readonly verify: (folder: StoredFolder) => Promise<boolean>
  /** Plain records may be moved too. */
  readonly plainAllowed: boolean
  readonly pace: Pace
}
type Hashed = { readonly name: string; readonly bytes: number; readonly sha256: string }

/**
 * Copies a call's stored bytes between the tiers. It never deletes what is not confirmed on the other side, and every
 * step may be done again: whoever was interrupted calls the same method once more.
 */
export class Mover {
  readonly #o: MoverOptions
  constructor(o: MoverOptions) {
    this.#o = o
  }

  /**
   * Copies everything but the key, reads every byte back, then locks. Resolves when the cold copy is whole and verified.
   * @throws MoveRefused, StoreUnavailable, StoreRefused, StoreDamage, AbortError
   */
  async copyOut(o: {
    readonly hot: StoredFolder
    readonly cold: S3Folder
    readonly lock: ObjectLock | undefined
    readonly signal: AbortSignal
  }): Promise<Pick<TierRecord, 'files' | 'lockedUntil'>> {
    if (!(await o.hot.has(VAULT_FILE)) && !this.#o.plainAllowed) throw new MoveRefused('not-encrypted')
    if (!(await this.#o.verify(o.hot))) throw new MoveRefused('damaged')
    const files: Hashed[] = []
    const there = new Map((await o.cold.list()).map(({ name, bytes }) => [name, bytes]))
    for (const { name } of (await o.hot.list()).filter(file => !isHotOnly(file.name))) {
      const file = { name, ...(await this.#hash(o.hot, name, o.signal)) }
      // What an interrupted move has brought there already is not sent again, but read all the same.
      if (there.get(name) !== file.bytes || !(await this.#same(o.cold, file, o.signal))) {
        const sent = await o.cold.put(name, this.#o.pace.of(piecesOf(await o.hot.open(name)), o.signal))
        if (sent.sha256 !== file.sha256) throw new StoreDamage('a file changed while it was copied')
        if (!(await this.#same(o.cold, file, o.signal))) throw new StoreDamage('the store returned other bytes')
      }
      files.push(file)
    }
    // Derivatives that were taken away here since an earlier move.
    const here = new Set(files.map(({ name }) => name))
    for (const name of there.keys()) if (name.startsWith('derived/') && !here.has(name)) await o.cold.remove(name)
    if (o.lock === undefined) return { files }
    for (const { name } of files.filter(file => !file.name.startsWith('derived/'))) {
      if (((await o.cold.lockedUntil(name)) ?? '') < o.lock.until) await o.cold.lock(name, o.lock)
    }
    return { files, lockedUntil: o.lock.until }
  }

  /**
   * Takes the hot copies away that the record names. A file that came or changed since goes to the store first.
   * Resolves with the record as it is then.
   */
  async clearHot(o: {
    readonly hot: StoredFolder
    readonly cold: S3Folder
    readonly record: TierRecord
    readonly signal: AbortSignal
  }): Promise<TierRecord> {
    const known = new Map(o.record.files.map(file => [file.name, file]))
    for (const { name } of (await o.hot.list()).filter(file => !staysHot(file.name))) {
      const here = { name, ...(await this.#hash(o.hot, name, o.signal)) }
      if (known.get(name)?.sha256 !== here.sha256) {
        await o.cold.put(name, this.#o.pace.of(piecesOf(await o.hot.open(name)), o.signal))
        if (!(await this.#same(o.cold, here, o.signal))) throw new StoreDamage('the store returned other bytes')
        known.set(name, here)
      }
      await o.hot.remove(name)
    }
    return { ...o.record, files: [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) }
  }

  /** Brings every file back and verifies the whole; the cold copy stays. @throws as `copyOut` */
  async copyBack(o: {
    readonly hot: StoredFolder
    readonly cold: StoredFolder
    readonly record: TierRecord
    readonly signal: AbortSignal
  }): Promise<void> {
    const hashes = new Map(o.record.files.map(file => [file.name, file.sha256]))
    for (const { name } of (await o.cold.list()).filter(file => !staysHot(file.name))) {
      const evidence = !name.startsWith('derived/')
      const wanted = hashes.get(name)
      if (wanted !== undefined && (await o.hot.has(name))) {
        if ((await this.#hash(o.hot, name, o.signal)).sha256 === wanted) continue
      }
      const got = await o.hot.put(name, this.#o.pace.of(piecesOf(await o.cold.open(name)), o.signal))
      // A derivative may have been made anew in the store since; verification does not depend on it.
      if (evidence && got.sha256 !== wanted) throw new StoreDamage('the store returned other bytes')
    }
    if (!(await this.#o.verify(o.hot))) throw new StoreDamage('what was fetched back is not whole')
  }

  async #same(folder: StoredFolder, file: Hashed, signal: AbortSignal): Promise<boolean> {
    const found = await this.#hash(folder, file.name, signal)
    return found.bytes === file.bytes && found.sha256 === file.sha256
  }

  async #hash(folder: StoredFolder, name: string, signal: AbortSignal) {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of this.#o.pace.of(piecesOf(await folder.open(name)), signal)) {
      hash.update(piece)
      bytes += piece.length
    }
    return { bytes, sha256: hash.digest('hex') }
  }
}
