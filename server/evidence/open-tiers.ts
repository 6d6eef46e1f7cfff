import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Mover } from '../../recordings/store/mover.ts'
import { Pace } from '../../recordings/store/pace.ts'
import { S3Store } from '../../recordings/store/s3-store.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import { TierRecords } from '../../recordings/store/tier-record.ts'
import { UploadMemory } from '../../recordings/store/upload-memory.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Config } from '../config.ts'
import type { Events } from '../events.ts'
import type { Lifetime } from '../lifetime.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { CallIndex } from '../store/call-index.ts'
import { CallTiers } from '../store/call-tiers.ts'
import type { Database } from '../store/database.ts'
import { loadTierPolicy } from './tier-policy.ts'
import { tierRoutes } from './tier-routes.ts'
import { TierSweep } from './tier-sweep.ts'
import { Tiers } from './tiers.ts'

export type OpenTiersOptions = {
  readonly config: Config
  readonly db: Database
  readonly index: CallIndex
  readonly events: Events
  readonly accessLog: AccessLog
  readonly life: Lifetime
  /** True when a folder is whole as it is kept; no key is needed. */
  readonly verify: (folder: StoredFolder) => Promise<boolean>
  readonly classOf: (callId: CallId) => Promise<string | undefined>
  readonly settled?: (folder: string) => Promise<void>
  readonly draining: () => boolean
}

/** The tiers of this house: the store where one is configured, what moves by age, and what people see of it. */
export async function openTiers(o: OpenTiersOptions) {
  const { config, events } = o
  const policy = await loadTierPolicy(config.tiers.policyFile)
  const folder = join(config.dataDir, 'tiers')
  const { s3 } = config.tiers
  const store = s3 && {
    s3: new S3Store(
      { ...s3, caPem: s3.caFile === undefined ? undefined : await readFile(s3.caFile, 'utf8') },
      new UploadMemory(join(folder, 'uploads')),
    ),
    name: `${s3.endpoint}/${s3.bucket}`,
  }
  const rows = new CallTiers(o.db)
  const tiers = new Tiers({
    index: o.index,
    rows,
    records: new TierRecords(join(folder, 'records')),
    store,
    mover: new Mover({ verify: o.verify, plainAllowed: policy.plainAllowed, pace: new Pace(policy.bytesPerSecond) }),
    policy,
    events,
    ...(o.settled && { settled: o.settled }),
  })
  await tiers.catchUp()
  const { classOf, draining, accessLog } = o
  const sweep = new TierSweep({ tiers, rows, policy, events, accessLog, classOf, draining })
  o.life.add('tiers', {
    close: async () => {
      // A run begins nothing more; the move it waits for breaks off.
      const ended = sweep.close()
      await tiers.close()
      await ended
    },
  })
  events.observeTiers(() => rows.counts())
  const look = () => store?.s3.look()
  return {
    tiers,
    routes: tierRoutes({ tiers, sweep, rows, policy, accessLog, store: store && { name: store.name, look } }),
    /** For the health check; undefined where no store is configured. */
    alarm: () => (store ? sweep.alarm : undefined),
    start: () => sweep.start(),
  }
}
