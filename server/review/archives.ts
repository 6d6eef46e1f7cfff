import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import type { CallFiles, CallFilesRef } from '../../recordings/vault/call-files.ts'
import { VAULT_FILE } from '../../recordings/vault/vault-names.ts'
import { verifyRecord } from '../../recordings/vault/verify-record.ts'
import type { ArchiveVerdict, SealedManifest } from '../../signaling/protocol/archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { Encryption } from '../../signaling/protocol/review.ts'
import type { Deliverables } from '../evidence/deliverables.ts'
import type { Tiers } from '../evidence/tiers.ts'
import type { VaultKeeper } from '../evidence/vault-keeper.ts'
import type { CallIndex, IndexedCall } from '../store/call-index.ts'
import { CountedFolder } from './counted-folder.ts'
import { readManifest } from './read-record.ts'
import type { RecordIndexer } from './record-indexer.ts'

export type ArchivesOptions = {
  readonly recordingsDir: string
  readonly index: CallIndex
  /** Reads each sealed call once, to be found by what is in it. */
  readonly indexer?: Pick<RecordIndexer, 'note'>
  readonly deliverables: Deliverables
  readonly keeper: VaultKeeper
  /** Public keys (PEM) that may have sealed an archive of ours. */
  readonly trustedKeys: readonly string[]
  /** Where a call's bytes are, and how they come back to this machine. */
  readonly tiers: Pick<Tiers, 'folderOf' | 'fetchBack' | 'isCold'>
  /** Asked before anything but storing is done with a record. @throws AppError when it may only be stored (RT10) */
  readonly assertProcessing: (callId: CallId) => Promise<void>
}

/** The sealed calls of this node: indexed, muxed for replay, opened for reviewers. */
export class Archives {
  readonly #o: ArchivesOptions

  constructor(o: ArchivesOptions) {
    this.#o = o
  }

  /** A call was sealed: it can be found from now on, and its replay file is made in the background. */
  async sealed(manifest: SealedManifest, folder: string): Promise<void> {
    await this.#o.index.put(manifest, folder, 'sealed')
    // Before it is encrypted, which may take a while.
    await this.#o.indexer?.note(manifest.callId)
    this.#o.keeper.sealed(folder)
    await this.#o.deliverables.start(manifest.callId, 'replay')
  }

  /** At start: archives the index does not know (recovered, restored, or the database was lost), and unfinished replays. */
  async catchUp(): Promise<void> {
    for (const folder of await sealedFolders(this.#o.recordingsDir)) {
      const callId = CallId.safeParse(basename(folder))
      if (!callId.success || (await this.#o.index.get(callId.data))) continue
      // One that no key opens now is looked at again at the next start.
      const manifest = await this.#storedOf({ callId: callId.data, folder })
        .then(stored => this.#o.keeper.filesOf(stored))
        .then(readManifest, () => undefined)
      // What was moved had its deliverables: making them anew would bring all of them back here.
      const state = (await this.#o.tiers.isCold(callId.data)) ? 'muxed' : 'sealed'
      if (manifest) await this.#o.index.put(manifest, folder, state)
    }
    await this.#o.deliverables.resume()
    for (const call of await this.#o.index.unmuxed()) await this.#o.deliverables.start(call.callId, 'replay')
  }

  /** The files of a record, plain, wherever they are. @throws AppError `not-found`, `unavailable` */
  async files(callId: CallId): Promise<CallFiles> {
    return this.#filesOf(await this.call(callId))
  }

  /** The same for a child process, which reads this machine's disk: a cold call is fetched back first. @throws AppError `not-found` */
  async ref(callId: CallId): Promise<CallFilesRef> {
    const { folder } = await this.call(callId)
    await this.#o.tiers.fetchBack(callId)
    return this.#o.keeper.refOf(folder)
  }

  /** The files as they are kept, whatever may be done with them: for keeping and ending alone. @throws AppError `not-found` */
  async kept(callId: CallId): Promise<CallFiles> {
    const call = await this.#o.index.get(callId)
    if (!call) throw new AppError('not-found', 'no such record')
    return this.#filesOf(call)
  }

  async #filesOf(call: IndexedCall): Promise<CallFiles> {
    return this.#o.keeper.filesOf(await this.#storedOf(call))
  }

  async #storedOf({ callId, folder }: Pick<IndexedCall, 'callId' | 'folder'>): Promise<StoredFolder> {
    await this.#o.keeper.settled(folder)
    return this.#o.tiers.folderOf(callId, folder)
  }

  /** Checks every byte, telling how many have been read. @throws AppError `not-found`, `unavailable` */
  async verify(callId: CallId, read: (bytes: number) => void = () => {}): Promise<ArchiveVerdict> {
    const stored = new CountedFolder(await this.stored(callId), read)
    const dataKey = await this.#o.keeper.dataKeyOf(stored)
    return verifyRecord(stored, { trustedKeys: this.#o.trustedKeys, callId, ...(dataKey && { dataKey }) })
  }

  /** @throws AppError `not-found` */
  async encryption(callId: CallId): Promise<Encryption> {
    const stored = await this.stored(callId)
    if (await stored.has(VAULT_FILE)) return { state: 'encrypted' }
    return this.#o.keeper.plainBecause((await this.call(callId)).folder)
  }

  /** Whether reading it means fetching it from the cold store. */
  isCold(callId: CallId): Promise<boolean> {
    return this.#o.tiers.isCold(callId)
  }

  /** A record's folder as it is kept, encrypted or not. @throws AppError `not-found` */
  async stored(callId: CallId): Promise<StoredFolder> {
    return this.#storedOf(await this.call(callId))
  }

  /** @throws AppError `not-found`; RecordRestricted when the record may only be stored */
  async call(callId: CallId): Promise<IndexedCall> {
    const call = await this.#o.index.get(callId)
    if (!call) throw new AppError('not-found', 'no such record')
    await this.#o.assertProcessing(callId)
    return call
  }
}

/** `<root>/<yyyy-mm-dd>/<callId>/` that hold a manifest. */
async function sealedFolders(root: string): Promise<string[]> {
  const list = async (folder: string) => {
    try {
      return (await readdir(folder, { withFileTypes: true })).filter(
        entry => entry.isDirectory() && !entry.name.startsWith('.'),
      )
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
  const found: string[] = []
  for (const day of await list(root)) {
    for (const call of await list(join(root, day.name))) found.push(join(root, day.name, call.name))
  }
  return found
}
