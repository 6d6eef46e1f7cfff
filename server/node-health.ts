import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import type { WorkerPool } from '../media/room/worker-pool.ts'
import type { Health } from './http/health-routes.ts'
import type { Sip } from './sip.ts'

/** Below this a recording may break off: the node says "degraded" so that somebody comes in time. */
const MIN_FREE_BYTES = 512 * 1024 * 1024

/** How this node is, for balancers and for whoever is called when it is not well. */
export async function nodeHealth(o: {
  sip: Pick<Sip, 'connected' | 'trunk'>
  draining: boolean
  dataDir: string
  workers: WorkerPool
  anchorsOk: boolean
  /** Undefined without an archive store. */
  archiveAlarm: boolean | undefined
}): Promise<Health> {
  const needed = {
    sip: word(o.sip.connected),
    mediaWorker: word(o.workers.stats().workers.length > 0),
    disk: word(await hasRoom(o.dataDir)),
  }
  const degraded = Object.values(needed).includes('failed')
  const trunk = o.sip.trunk()
  // An alarm of the daily chain or of the archive store calls for a person; it must not take calls away from this node.
  const checks = {
    ...needed,
    anchors: word(o.anchorsOk),
    ...(trunk && { trunk: word(trunk.registration !== 'failed' && trunk.reachable !== false) }),
    ...(o.archiveAlarm !== undefined && { archiveStore: word(!o.archiveAlarm) }),
  }
  return { status: o.draining ? 'draining' : degraded ? 'degraded' : 'ok', checks }
}

const word = (isWell: boolean): 'ok' | 'failed' => (isWell ? 'ok' : 'failed')

function hasRoom(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK)
    .then(() => statfs(folder))
    .then(stat => stat.bavail * stat.bsize > MIN_FREE_BYTES)
    .catch(() => false)
}
