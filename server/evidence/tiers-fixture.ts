import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../recordings/fixture.ts'
import { Mover } from '../../recordings/store/mover.ts'
import { Pace } from '../../recordings/store/pace.ts'
import { type S3Settings, S3Store } from '../../recordings/store/s3-store.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import { TierRecords } from '../../recordings/store/tier-record.ts'
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

/** A house whose server can be ended and started again: the files, the database and the store stay. */
export async function tierHouse(
  t: { teardown(fn: () => unknown): void },
  settings: S3Settings,
  policy: TierPolicy = NO_TIER_POLICY,
) {
  const root = await temporaryFolder(t)
  const db = await openDatabase(':memory:')
  t.teardown(() => db.close())
  const events = new Events(createLogger({ level: 'silent' }))
  const [index, rows] = [new CallIndex(db), new CallTiers(db)]
  const records = new TierRecords(join(root, 'tiers'))
  const whole = new Map<string, Contents>()
  const verify = async (folder: StoredFolder) => {
    const found = await contentsOf(folder)
    return [...whole.values()].some(contents =>
      Object.entries(contents).every(([name, bytes]) => found[name] === sha256(bytes)),
    )
  }
  const addCall = async (contents: Contents, daysOld = 0): Promise<{ callId: CallId; folder: string }> => {
    const callId = newId('call')
    const folder = join(root, 'recordings', '2026-01-02', callId)
    for (const [name, bytes] of Object.entries(contents)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), bytes)
    }
    whole.set(callId, contents)
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
    const mover = new Mover({ verify, plainAllowed: o.plainAllowed ?? false, pace: new Pace(1e9) })
    const tiers = new Tiers({ index, rows, records, store: { s3, name: 'cold' }, mover, policy, events })
    t.teardown(() => tiers.close())
    return { tiers, s3 }
  }
  return { root, rows, records, events, addCall, server, index, verify }
}
