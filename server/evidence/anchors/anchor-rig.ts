import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { answeredCall, talk } from '../../../recordings/fixture.ts'
import { SealKey } from '../../../recordings/seal/seal-key.ts'
import { PlainCallFiles } from '../../../recordings/vault/plain-call-files.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import { Events } from '../../events.ts'
import { AccessLog } from '../../store/access-log.ts'
import { CallIndex } from '../../store/call-index.ts'
import { openDatabase } from '../../store/database.ts'
import type { Erasure } from './digest-maker.ts'
import { type AnchorSettings, openAnchors } from './open-anchors.ts'

export const DAY_MS = 86_400_000
type Test = { teardown(fn: () => unknown): void }

/** Real files, real database, real sealed calls; only the wall clock is moved by hand. For tests and measurements. */
export async function anchorRig(t: Test, settings: Partial<AnchorSettings> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'anchors-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const sealKey = await SealKey.loadOrCreate(join(dataDir, 'secrets'))
  const clock = { ms: Date.now() }
  const folders = new Map<CallId, string>()
  const erasures: Erasure[] = []
  const published = join(dataDir, 'elsewhere')

  const start = async () => {
    const db = await openDatabase(join(dataDir, 'index.sqlite'))
    const events = new Events(pino({ level: 'silent' }))
    const troubles: string[] = []
    const nowMs = () => clock.ms
    const accessLog = await AccessLog.open({
      ...{ db, nowMs },
      folder: join(dataDir, 'audit'),
      onTrouble: reason => troubles.push(reason),
    })
    await accessLog.add({ user: 'system', action: 'config-changed', detail: 'start' })
    const anchors = await openAnchors({
      ...{ dataDir, db, accessLog, sealKey, events, nowMs },
      settings: { tsaUrls: [], tsaCaFile: undefined, folder: published, webhook: undefined, ...settings },
      files: async callId => {
        const folder = folders.get(callId)
        if (!folder) throw new AppError('not-found', 'no such record')
        return new PlainCallFiles(folder)
      },
      erasures: async () => erasures,
    })
    const close = async () => {
      await anchors.close()
      await accessLog.close()
      await db.close()
    }
    t.teardown(() => close().catch(() => undefined))
    return { db, index: new CallIndex(db), accessLog, anchors, events, troubles, close }
  }
  /** A real sealed call of one second. */
  const sealCall = async (index: CallIndex): Promise<CallId> => {
    const call = await answeredCall(t)
    call.answer()
    talk(call, 50)
    const manifest = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: sealKey })
    folders.set(call.callId, call.archive.folder)
    await index.put(manifest, call.archive.folder, 'sealed')
    return call.callId
  }
  /** A minute after the next midnight (UTC). */
  const nextNight = () => {
    clock.ms = (Math.floor(clock.ms / DAY_MS) + 1) * DAY_MS + 60_000
  }
  const reviewer = { id: newId('user'), name: 'Lin' }
  return { dataDir, published, sealKey, clock, folders, erasures, start, sealCall, nextNight, reviewer }
}
