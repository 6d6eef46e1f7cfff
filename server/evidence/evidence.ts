import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaceComparer } from '../../media/picture/face/face-comparer.ts'
import { PictureCover } from '../../media/picture/picture-cover.ts'
import { recoverOrphans } from '../../recordings/archive/recover-orphans.ts'
import { JOURNAL_FILE } from '../../recordings/journal/call-journal.ts'
import { Muxer } from '../../recordings/mux/muxer.ts'
import type { SealKey } from '../../recordings/seal/seal-key.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { shredKey } from '../../recordings/vault/shred-call.ts'
import { Vault } from '../../recordings/vault/vault.ts'
import { verifyRecord } from '../../recordings/vault/verify-record.ts'
import { WorkFolder } from '../../recordings/vault/work-folder.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { StaffClaims } from '../auth/tokens.ts'
import type { Config } from '../config.ts'
import type { Events } from '../events.ts'
import type { Route } from '../http/routes.ts'
import type { Lifetime } from '../lifetime.ts'
import type { Logger } from '../logger.ts'
import { openQuality } from '../quality/open-quality.ts'
import { Archives } from '../review/archives.ts'
import { auditRoutes } from '../review/audit-routes.ts'
import { jobRoutes } from '../review/job-routes.ts'
import { openReview } from '../review/open-review.ts'
import { RecordIndexer } from '../review/record-indexer.ts'
import { loadSecret } from '../secrets.ts'
import { AccessLog } from '../store/access-log.ts'
import { CallIndex } from '../store/call-index.ts'
import type { Database } from '../store/database.ts'
import { JobStore } from '../store/job-store.ts'
import { RecordIndex } from '../store/review/record-index.ts'
import { anchorRoutes } from './anchors/anchor-routes.ts'
import { openAnchors } from './anchors/open-anchors.ts'
import { Deliverables } from './deliverables.ts'
import { exportRoutes } from './export/export-routes.ts'
import { Exports } from './export/exports.ts'
import { noteSettings } from './note-settings.ts'
import { openKeyRing } from './open-key-ring.ts'
import { openRetention, retentionClassIn } from './open-retention.ts'
import { openTiers } from './open-tiers.ts'
import { openRedaction } from './redaction/open-redaction.ts'
import { VaultKeeper } from './vault-keeper.ts'

/** Where the built pages lie; a package takes its own page and the verifier from there. */
const PAGES_FOLDER = join(import.meta.dirname, '../../h5-client/dist')

export type EvidenceOptions = {
  readonly config: Config
  readonly db: Database
  readonly sealKey: SealKey
  readonly events: Events
  readonly logger: Logger
  /** Finds faces for those who redact. */
  readonly faces: Pick<FaceComparer, 'find'>
  /** Whatever is opened here is closed with the server. */
  readonly life: Lifetime
  /** True: the server is on its way out, long work is not begun. */
  readonly draining: () => boolean
}

export type Evidence = {
  readonly archives: Archives
  readonly accessLog: AccessLog
  readonly routes: readonly Route[]
  /** No alarm of the daily chain that nobody has explained. */
  anchorsOk(): boolean
  /** Moves to the archive store have waited too long; undefined without such a store. */
  archiveAlarm(): boolean | undefined
  /** A reviewer tried what is not theirs; it is an entry. */
  refused(who: StaffClaims, what: string, callId: string | undefined): Promise<void>
}

/** Everything that happens to a record after its call: sealing what a crash left, keeping, finding, reviewing. */
export async function openEvidence(o: EvidenceOptions): Promise<Evidence> {
  const { config, db, sealKey, events, logger, life } = o
  const recordingsDir = join(config.dataDir, 'recordings')
  const accessLog = life.add(
    'access log',
    await AccessLog.open({ db, folder: join(config.dataDir, 'audit'), onTrouble: why => events.accessLogTrouble(why) }),
  )
  const index = new CallIndex(db)
  const recordIndex = new RecordIndex(db)
  const trustedKeys = [sealKey.publicKeyPem]
  // Before the end of records: purges that a crash interrupted are finished there, cold copies included.
  const tiering = await openTiers({
    config,
    db,
    index,
    events,
    accessLog,
    life,
    verify: async folder => (await verifyRecord(folder, { trustedKeys })).intact,
    classOf: async callId => retentionClassIn(await (await archives.kept(callId)).read(JOURNAL_FILE)),
    settled: folder => keeper.settled(folder),
    draining: o.draining,
  })
  const ending = await openRetention({
    dataDir: config.dataDir,
    policyFile: config.retentionFile,
    db,
    index,
    sealKey,
    accessLog,
    parts: {
      shred: async callId => {
        const call = await index.get(callId)
        return call && (await shredKey(new LocalFolder(call.folder))) ? { keys: 1 } : undefined
      },
      removeCold: callId => tiering.tiers.removeEverywhere(callId),
      forget: [
        { area: 'search', forget: callId => recordIndex.forget(callId) },
        { area: 'exports', forget: callId => exports.forget(callId) },
      ],
    },
    files: callId => archives.kept(callId),
    busy: (callId, folder) =>
      deliverables.isBusy(callId) ||
      exports.isBusy(callId) ||
      redaction.redactions.isBusy(callId) ||
      quality.checks.isBusy(callId) ||
      keeper.isWaiting(folder),
    onFault: error => events.fault('retention', error),
    life,
  })
  for (const recovered of await recoverOrphans(recordingsDir, sealKey, logger)) {
    if (recovered.outcome !== 'sealed') continue
    events.sealed(recovered.manifest.callId, 'recovered')
    events.reconciled(recovered.manifest.callId, recovered.manifest.findings ?? [])
  }
  const keys = await openKeyRing(config.vault, logger)
  const vault = new Vault({ keys, sealKey })
  const { encrypting } = config.vault
  const keeper = life.add(
    'vault',
    await VaultKeeper.open({
      ...{ vault, keys, recordingsDir, events, encrypting },
      onState: (callId, failure) => recordIndex.setFlag(callId, 'not-encrypted', failure !== undefined),
    }),
  )
  const work = life.add('work folder', await WorkFolder.open(config.workDir))
  const muxer = Muxer.create({ ffmpegBin: config.ffmpegBin, logger, work, concurrency: 1 })
  const deliverables: Deliverables = life.add(
    'deliverables',
    new Deliverables({
      ...{ muxer, events, store: new JobStore(db) },
      ref: callId => archives.ref(callId),
      onReplay: async (callId, state) => {
        // A replay that could not be made anew is still there as it was.
        if (state === 'mux-failed' && (await index.get(callId))?.state === 'muxed') return
        await index.setState(callId, state)
        if (state === 'muxed') await quality.checks.note(callId)
      },
    }),
  )
  const indexer = life.add(
    'record indexer',
    new RecordIndexer({ recordIndex, events, files: callId => archives.files(callId) }),
  )
  const archives: Archives = new Archives({
    recordingsDir,
    index,
    indexer,
    deliverables,
    keeper,
    trustedKeys,
    tiers: tiering.tiers,
    assertProcessing: callId => ending.retention.assertProcessing(callId),
  })
  const review = openReview({ db, archives, recordIndex, accessLog, events, life })
  const quality = await openQuality({
    ...{ config: config.quality, db, door: review.door, accessLog, recordIndex, indexer, events, logger, life },
    files: callId => archives.files(callId),
    verify: callId => review.verifications.fresh(callId),
  })
  await archives.catchUp()
  void indexer.catchUp().catch((error: unknown) => events.fault('index', error))
  await noteSettings({ config, db, accessLog, key: await loadSecret(join(config.dataDir, 'secrets'), 'audit.key') })
  const anchors = life.add(
    'anchors',
    await openAnchors({
      ...{ db, accessLog, sealKey, events },
      dataDir: config.dataDir,
      settings: config.anchors,
      files: callId => archives.kept(callId),
      erasures: async () =>
        (await ending.certificates.list()).map(({ callId, sha256, issuedAt }) => ({
          callId: CallId.parse(callId),
          certificateSha256: sha256,
          issuedAt,
        })),
    }),
  )
  const pictures = life.add('picture cover', new PictureCover({ logger }))
  const redaction = await openRedaction({
    ...{ db, archives, muxer, sealKey, accessLog, life },
    cover: (bytes, boxes) => pictures.cover(bytes, boxes),
    findFaces: bytes => o.faces.find(bytes),
    assertOpened: (context, callId) => review.door.assertOpened(context, callId),
    onFault: error => events.fault('redaction', error),
  })
  const exports: Exports = life.add(
    'exports',
    new Exports({
      ...{ work, sealKey, accessLog, events, trustedKeys, pagesFolder: PAGES_FOLDER },
      ref: callId => archives.ref(callId),
      anchorsFolder: join(config.dataDir, 'anchors'),
      authorities: config.anchors.tsaCaFile === undefined ? [] : [await readFile(config.anchors.tsaCaFile, 'utf8')],
    }),
  )
  ending.start()
  anchors.start()
  tiering.start()
  void quality.checks.catchUp().catch((error: unknown) => events.fault('quality check', error))
  return {
    archives,
    accessLog,
    archiveAlarm: tiering.alarm,
    refused: (who, what, given) => {
      const callId = CallId.safeParse(given).data
      return accessLog.add({ user: { id: who.sub, name: who.name }, callId, action: 'refused', detail: what })
    },
    anchorsOk: () => anchors.openAlarms.length === 0,
    routes: [
      ...ending.routes,
      ...tiering.routes,
      ...review.routes,
      ...redaction.routes,
      ...quality.routes,
      ...exportRoutes({
        door: review.door,
        releases: review.releases,
        accessLog,
        exports,
        redactions: redaction.redactions,
      }),
      ...jobRoutes({ archives, deliverables, accessLog }),
      ...auditRoutes({ accessLog, anchoredMarks: () => anchors.marks() }),
      ...anchorRoutes({ anchors, local: anchors.local, accessLog }),
    ],
  }
}
