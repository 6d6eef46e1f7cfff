import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { MoveRefused, type Mover } from '../../recordings/store/mover.ts'
import type { S3Folder } from '../../recordings/store/s3-folder.ts'
import type { S3Store } from '../../recordings/store/s3-store.ts'
import { isStoreTrouble, StoreDamage, StoreRefused, type StoreTrouble } from '../../recordings/store/store-errors.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import type { TierRecord, TierRecords } from '../../recordings/store/tier-record.ts'
import { TieredFolder } from '../../recordings/store/tiered-folder.ts'
import { VAULT_FILE } from '../../recordings/vault/vault-names.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Events } from '../events.ts'
import type { CallIndex } from '../store/call-index.ts'
import type { CallTier, CallTiers } from '../store/call-tiers.ts'
import { CallTurns } from './call-turns.ts'
import { ruleOf, type TierPolicy } from './tier-policy.ts'

const DAY_MS = 86_400_000

export type TiersOptions = {
  readonly index: CallIndex
  readonly rows: CallTiers
  readonly records: TierRecords
  /** Undefined: no store is configured, everything stays hot. */
  readonly store: { readonly s3: S3Store; readonly name: string } | undefined
  readonly mover: Mover
  readonly policy: TierPolicy
  readonly events: Events
  /** The folder has come to rest: nothing is being encrypted in it. */
  readonly settled?: (folder: string) => Promise<void>
}
export type ColdRemoval = {
  readonly removed: readonly { where: string; count: number }[]
  readonly remaining: readonly { where: string; reason: string; until?: string }[]
}

/**
 * Where each call's bytes are, and their way between the tiers. The order of a move out is: copy and verify → tier record
 * → index → hot copy away; so at each moment there is one whole verified copy, and a move begun again ends the same way.
 */
export class Tiers {
  readonly #o: TiersOptions
  readonly #stop = new AbortController()
  readonly #turns = new CallTurns()
  /** Their destruction has begun: nothing of them is moved any more. */
  readonly #erased = new Set<CallId>()

  constructor(o: TiersOptions) {
    this.#o = o
  }

  get configured(): boolean {
    return this.#o.store !== undefined
  }

  /** At start: the index over the tier records, where it was lost with the database. */
  async catchUp(): Promise<void> {
    for (const callId of await this.#o.records.all()) {
      const record = await this.#o.records.load(callId)
      // What a lock keeps of an erased call is no call: it only waits to be removed.
      if (record && record.erasedAt === undefined && !(await this.#o.rows.get(callId)))
        await this.#o.rows.set(callId, { ...columns(record), tier: 'cold', state: 'clearing' })
    }
  }

  /** A call's folder as it is kept now. @throws AppError `unavailable` when its store is not the configured one */
  async folderOf(callId: CallId, hotPath: string): Promise<StoredFolder> {
    const row = await this.#o.rows.get(callId)
    const hot = new LocalFolder(hotPath)
    if (row?.tier !== 'cold') return hot
    return new TieredFolder({ hot, cold: this.#coldOf(row) })
  }

  async isCold(callId: CallId): Promise<boolean> {
    return (await this.#o.rows.get(callId))?.tier === 'cold'
  }

  /**
   * Moves a call to the cold store, or ends a move that was begun.
   * @throws StoreUnavailable (it waits and is tried again), MoveRefused, StoreRefused, StoreDamage, AppError
   */
  moveOut(callId: CallId): Promise<void> {
    return this.#turns.take(callId, () =>
      this.#told(callId, () => this.#unlessErased(callId, () => this.#moveOut(callId))),
    )
  }

  /** Brings a call back to this machine; hot calls are left as they are. The cold copy stays. @throws as `moveOut` */
  fetchBack(callId: CallId): Promise<void> {
    return this.#turns.take(callId, () =>
      this.#told(callId, () => this.#unlessErased(callId, () => this.#fetchBack(callId))),
    )
  }

  /** Goes on with what was begun. */
  resume(row: CallTier): Promise<void> {
    return row.state === 'fetching' ? this.fetchBack(row.callId) : this.moveOut(row.callId)
  }

  /** Every version of every cold file of a call; may be asked again, also when nothing else of the call is left. */
  removeEverywhere(callId: CallId): Promise<ColdRemoval> {
    this.#erased.add(callId)
    return this.#turns.take(callId, async () => {
      const found = await this.#o.records.load(callId)
      const row = await this.#o.rows.get(callId)
      // A move that had begun has left copies before there was a record.
      const store = found?.store ?? row?.store
      const storeKey = found?.storeKey ?? row?.store_key
      if (!store || !storeKey) return { removed: [], remaining: [] }
      const erasedAt = new Date().toISOString()
      const record = found ?? { format: 'tongping-tier/1', callId, store, storeKey, movedAt: erasedAt, files: [] }
      // Written down first: the row goes with the call, and what cannot be removed now must still be found later.
      if (record.erasedAt === undefined) await this.#o.records.save({ ...record, erasedAt })
      return this.#remove(callId, store, storeKey)
    })
  }

  /** What is under way breaks off at its next piece; the next start goes on. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#o.store?.s3.close()
    await this.#turns.idle()
  }

  async #remove(callId: CallId, where: string, storeKey: string): Promise<ColdRemoval> {
    try {
      const { removed, locked } = await this.#cold(where, storeKey).removeEverything()
      if (locked.length === 0) {
        await this.#o.records.drop(callId)
        return { removed: [{ where, count: removed }], remaining: [] }
      }
      const until = locked.map(one => one.until ?? '').reduce((a, b) => (a > b ? a : b), '')
      const reason = `${locked.length} versions are under object lock`
      return { removed: [{ where, count: removed }], remaining: [{ where, reason, ...(until && { until }) }] }
    } catch (error) {
      if (isStoreTrouble(error) || error instanceof AppError)
        return { removed: [], remaining: [{ where, reason: error.message }] }
      throw error
    }
  }

  async #moveOut(callId: CallId): Promise<void> {
    const { rows, records, mover, events } = this.#o
    const [call, row] = await Promise.all([this.#o.index.get(callId), rows.get(callId)])
    if (!call) throw new AppError('not-found', 'no such record')
    const store = this.#configuredStore()
    const hot = new LocalFolder(call.folder)
    const signal = this.#stop.signal
    if (row?.tier !== 'cold') {
      const startedMs = performance.now()
      await this.#o.settled?.(call.folder)
      const storeKey = row?.store_key ?? storeKeyOf(callId, call.answeredAt)
      const cold = this.#cold(row?.store ?? store.name, storeKey)
      await rows.set(callId, { state: 'copying', store: store.name, store_key: storeKey, reason: null })
      const rule = ruleOf(this.#o.policy, row?.retention_class ?? undefined)
      const lock =
        rule.lockDays !== undefined && (await store.s3.abilities()).objectLock
          ? { mode: this.#o.policy.lockMode, until: lockedUntil(call.answeredAt, rule.lockDays) }
          : undefined
      const lockNow = lock && Date.parse(lock.until) > Date.now() ? lock : undefined
      const copied = await mover.copyOut({ hot, cold, lock: lockNow, signal })
      const record: TierRecord = {
        format: 'tongping-tier/1',
        callId,
        store: store.name,
        storeKey,
        movedAt: new Date().toISOString(),
        ...copied,
      }
      await records.save(record)
      await rows.set(callId, { ...columns(record), tier: 'cold', state: 'clearing', since: record.movedAt })
      events.tierMoved(callId, 'out', bytesOf(record), performance.now() - startedMs)
    }
    const record = await records.load(callId)
    if (!record) throw new AppError('internal', 'a cold call without its tier record')
    const cleared = await mover.clearHot({ hot, cold: this.#cold(record.store, record.storeKey), record, signal })
    await records.save(cleared)
    await removeEmptyFolders(call.folder)
    await rows.set(callId, { ...columns(cleared), state: 'settled', waiting_since: null, reason: null })
  }

  async #fetchBack(callId: CallId): Promise<void> {
    const { rows, records, mover, events } = this.#o
    const [call, row, record] = [await this.#o.index.get(callId), await rows.get(callId), await records.load(callId)]
    if (!call) throw new AppError('not-found', 'no such record')
    if (row?.tier !== 'cold') return
    if (!record) throw new AppError('internal', 'a cold call without its tier record')
    const startedMs = performance.now()
    await rows.set(callId, { state: 'fetching', reason: null })
    const cold = this.#cold(record.store, record.storeKey)
    await mover.copyBack({ hot: new LocalFolder(call.folder), cold, record, signal: this.#stop.signal })
    const now = Date.now()
    await rows.set(callId, {
      tier: 'hot',
      state: 'settled',
      since: new Date(now).toISOString(),
      keep_hot_until: new Date(now + this.#o.policy.keepHotDays * DAY_MS).toISOString(),
      waiting_since: null,
      reason: null,
    })
    events.tierMoved(callId, 'back', bytesOf(record), performance.now() - startedMs)
  }

  async #unlessErased(callId: CallId, run: () => Promise<void>): Promise<void> {
    if (this.#erased.has(callId)) throw new AppError('not-found', 'no such record')
    await run()
  }

  /** What went wrong stands in the row: lists say why a call waits. */
  async #told(callId: CallId, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (this.#stop.signal.aborted) throw new AppError('unavailable', 'the server is closing', { cause: error })
      const row = await this.#o.rows.get(callId)
      if (row && error instanceof MoveRefused)
        await this.#o.rows.set(callId, { state: 'refused', reason: error.reason })
      else if (row && isStoreTrouble(error)) {
        const waiting_since = row.waiting_since ?? new Date().toISOString()
        await this.#o.rows.set(callId, { waiting_since, reason: reasonOf(error) })
      }
      if (error instanceof MoveRefused || isStoreTrouble(error)) this.#o.events.tierTrouble(callId, reasonOf(error))
      throw error
    }
  }

  #coldOf(row: CallTier): S3Folder {
    if (row.store === null || row.store_key === null) throw new AppError('unavailable', 'this record has no store')
    return this.#cold(row.store, row.store_key)
  }

  #cold(store: string, key: string): S3Folder {
    const { name, s3 } = this.#configuredStore()
    if (store !== name) throw new AppError('unavailable', 'this record lies in a store that is not configured here')
    return s3.folder(key)
  }

  #configuredStore() {
    if (!this.#o.store) throw new AppError('unavailable', 'no cold store is configured')
    return this.#o.store
  }
}

export function reasonOf(error: StoreTrouble | MoveRefused): string {
  if (error instanceof MoveRefused) return error.reason
  if (error instanceof StoreRefused) return `store-refused ${error.code}`
  return error instanceof StoreDamage ? 'store-damage' : 'store-unavailable'
}

/** The day stands before the id, as on the disk: a person who must look finds a call. */
function storeKeyOf(callId: CallId, answeredAt: string): string {
  return `${answeredAt.slice(0, 10)}/${callId}`
}

function lockedUntil(answeredAt: string, lockDays: number): string {
  return new Date(Date.parse(answeredAt) + lockDays * DAY_MS).toISOString()
}

const bytesOf = (record: TierRecord) => record.files.reduce((sum, file) => sum + file.bytes, 0)

function columns(record: TierRecord) {
  return {
    store: record.store,
    store_key: record.storeKey,
    files: record.files.length,
    bytes: bytesOf(record),
    vault_sha256: record.files.find(file => file.name === VAULT_FILE)?.sha256 ?? null,
    locked_until: record.lockedUntil ?? null,
  }
}

/** Folders of a call that was moved; one that still holds something stays. */
async function removeEmptyFolders(folder: string): Promise<void> {
  for (const name of ['tracks', 'pictures', 'documents', 'derived/stamp', 'derived', '.']) {
    await rmdir(join(folder, name)).catch(() => {})
  }
}
