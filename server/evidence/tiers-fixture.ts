import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../recordings/fixture.ts'
import { Mover, type MoverOptions } from '../../recordings/store/mover.ts'
import { Pace } from '../../recordings/store/pace.ts'
import { type S3Settings, S3Store } from '../../recordings/store/s3-store.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import { type TierRecord, TierRecords } from '../../recordings/store/tier-record.ts'
import { UploadMemory } from '../../recordings/store/upload-memory.ts'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { Events } from '../events.ts'
import { createLogger } from '../logger.ts'
import { CallIndex } from '../store/call-index.ts'
import { CallTiers } from '../store/call-tiers.ts'
import { openDatabase } from '../store/database.ts'
import { NO_TIER_POLICY, type TierPolicy } from './tier-policy.ts'
import { Tiers } from './tiers.ts'

const DAY_MS = 86_400_000
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
export type Contents = Readonly<Record<string, Buffer>>

export async function contentsOf(folder: StoredFolder): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name } of await folder.list()) {
    const source = await folder.open(name)
    found[name] = sha256(await source.read(0, source.bytes))
    await source.close()
  }
  return found
}

/** A call's encrypted folder as far as the tiers know: random bytes under the vault's names; whole when nothing is missing. */
export function stored(): Contents {
  return {
    'vault.json': randomBytes(600),
    'key.json': randomBytes(300),
    'journal.jsonl.tpv': randomBytes(30_000),
    'tracks/caller-voice-1.rtpj.tpv': randomBytes(200_000),
    'tracks/caller-camera-1.rtpj.tpv': randomBytes(1_000_000),
    'derived/replay.webm.tpv': randomBytes(50_000),
  }
}

/** A process kills itself at one of these places of a move, each after what it names has happened. */
export type Cut = 'record-saved' | 'row-switched' | `hot-changed-${number}`

/**
 * A house whose server can be ended and started again: the files, the database and the store stay. With `root` another
 * process can go on in the same house.
 */
export async function tierHouse(
  t: { teardown(fn: () => unknown): void },
  settings: S3Settings,
  policy: TierPolicy = NO_TIER_POLICY,
  shared?: { readonly root: string; readonly killAt?: Cut },
) {
  const root = shared?.root ?? (await temporaryFolder(t))
  const db = await openDatabase(shared ? join(root, 'index.sqlite') : ':memory:')
  t.teardown(() => db.close())
  const events = new Events(createLogger({ level: 'silent' }))
  const index = new CallIndex(db)
  const killAt = shared?.killAt
  const rows = killAt === 'row-switched' ? new KilledTiers(db) : new CallTiers(db)
  const records = new (killAt === 'record-saved' ? KilledRecords : TierRecords)(join(root, 'tiers'))
  const wholeFolder = join(root, 'whole')
  await mkdir(wholeFolder, { recursive: true })
  const verify = async (folder: StoredFolder) => {
    const found = await contentsOf(folder)
    for (const file of await readdir(wholeFolder)) {
      const wanted: Record<string, string> = JSON.parse(await readFile(join(wholeFolder, file), 'utf8'))
      if (Object.entries(wanted).every(([name, hash]) => found[name] === hash)) return true
    }
    return false
  }
  const addCall = async (contents: Contents, daysOld = 0): Promise<{ callId: CallId; folder: string }> => {
    const callId = newId('call')
    const folder = join(root, 'recordings', '2026-01-02', callId)
    for (const [name, bytes] of Object.entries(contents)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), bytes)
    }
    const hashes = Object.fromEntries(Object.entries(contents).map(([name, bytes]) => [name, sha256(bytes)]))
    await writeFile(join(wholeFolder, callId), JSON.stringify(hashes))
    const manifest = {
      callId,
      from: '1',
      to: '2',
      agent: { id: newId('user'), name: 'Lin' },
      answeredAt: new Date(Date.now() - daysOld * DAY_MS).toISOString(),
      durationMs: 1,
      end: { cause: 'caller-hung-up' },
      tracks: [],
      pages: [],
    } as unknown as SealedManifest
    await index.put(manifest, folder, 'muxed')
    return { callId, folder }
  }
  const server = (
    o: { endpoint?: string; attempts?: number; requestTimeoutMs?: number; plainAllowed?: boolean } = {},
  ) => {
    const s3 = new S3Store(
      {
        ...settings,
        partBytes: 100_000,
        ...(o.endpoint && { endpoint: o.endpoint }),
        attempts: o.attempts ?? 2,
        requestTimeoutMs: o.requestTimeoutMs ?? 10_000,
      },
      new UploadMemory(join(root, 'uploads')),
    )
    const [, changes] = /^hot-changed-(\d+)$/.exec(killAt ?? '') ?? []
    const moving = { verify, plainAllowed: o.plainAllowed ?? false, pace: new Pace(1e9) }
    const mover = changes === undefined ? new Mover(moving) : new KilledMover(moving, Number(changes))
    const tiers = new Tiers({ index, rows, records, store: { s3, name: 'cold' }, mover, policy, events })
    t.teardown(() => tiers.close())
    return { tiers, s3 }
  }
  return { root, rows, records, events, addCall, server, index, verify }
}

const killed = () => process.kill(process.pid, 'SIGKILL')

class KilledRecords extends TierRecords {
  override async save(record: TierRecord): Promise<void> {
    await super.save(record)
    killed()
  }
}

class KilledTiers extends CallTiers {
  override async set(...[callId, change]: Parameters<CallTiers['set']>): Promise<void> {
    await super.set(callId, change)
    if (change.tier !== undefined) killed()
  }
}

/** Killed after so many files of the hot copy were removed or brought back. */
class KilledMover extends Mover {
  readonly #after: number
  constructor(o: MoverOptions, after: number) {
    super(o)
    this.#after = after
  }

  override clearHot(o: Parameters<Mover['clearHot']>[0]) {
    return super.clearHot({ ...o, hot: this.#counted(o.hot) })
  }

  override copyBack(o: Parameters<Mover['copyBack']>[0]) {
    return super.copyBack({ ...o, hot: this.#counted(o.hot) })
  }

  #counted(hot: StoredFolder): StoredFolder {
    let left = this.#after
    const counted = async <T>(change: Promise<T>) => {
      const result = await change
      if (--left === 0) killed()
      return result
    }
    return {
      list: () => hot.list(),
      has: name => hot.has(name),
      open: name => hot.open(name),
      put: (name, pieces) => counted(hot.put(name, pieces)),
      remove: name => counted(hot.remove(name)),
    }
  }
}
