import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestHash } from '../../../recordings/anchor/daily-digest.ts'
import { DigestFolder } from '../../../recordings/anchor/digest-folder.ts'
import { TsaClient } from '../../../recordings/anchor/tsa-client.ts'
import { MANIFEST_FILE } from '../../../recordings/archive/durable-file.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import { type CallFiles, NoSuchFile } from '../../../recordings/vault/call-files.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Events } from '../../events.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Database } from '../../store/database.ts'
import { Stamps } from '../../store/stamps.ts'
import { Anchors } from './anchors.ts'
import { CallStamps } from './call-stamps.ts'
import { DigestMaker, type Erasure } from './digest-maker.ts'
import { type AnchorWebhook, DigestPublisher } from './digest-publisher.ts'

export type AnchorSettings = {
  /** RFC 3161 authorities, asked in this order; none: nothing is stamped. */
  readonly tsaUrls: readonly string[]
  /** PEM of the authorities' roots. Without it stamps are kept, but nobody vouches for the stamper here. */
  readonly tsaCaFile: string | undefined
  /** Where copies of the digests go. */
  readonly folder: string | undefined
  readonly webhook: AnchorWebhook | undefined
}

/** Puts the parts together; nothing runs before `start()`. @throws Error when the file of authorities cannot be read */
export async function openAnchors(o: {
  readonly dataDir: string
  readonly settings: AnchorSettings
  readonly db: Database
  readonly accessLog: AccessLog
  readonly sealKey: SealKey
  readonly events: Events
  readonly files: (callId: CallId) => Promise<CallFiles>
  readonly erasures: () => Promise<readonly Erasure[]>
  readonly nowMs?: () => number
}): Promise<Anchors> {
  const { settings, accessLog, sealKey, events, files, erasures } = o
  const nowMs = o.nowMs ?? Date.now
  const authorities = settings.tsaCaFile === undefined ? [] : [await readFile(settings.tsaCaFile, 'utf8')]
  const tsa = settings.tsaUrls.length === 0 ? undefined : new TsaClient({ urls: settings.tsaUrls, authorities })
  const rows = new Stamps(o.db)
  const local = new DigestFolder(join(o.dataDir, 'anchors'))
  const published = settings.folder === undefined ? undefined : new DigestFolder(settings.folder)
  return new Anchors({
    ...{ local, rows, tsa, authorities, accessLog, sealKey, events, erasures, nowMs },
    maker: new DigestMaker({ local, published, rows, accessLog, sealKey, events, erasures, nowMs }),
    publisher: new DigestPublisher({ folder: published, webhook: settings.webhook, rows, events }),
    callStamps: new CallStamps({ rows, files, tsa, events, nowMs }),
    manifestSha256: callId => manifestSha256(files, callId),
  })
}

async function manifestSha256(
  files: (callId: CallId) => Promise<CallFiles>,
  callId: CallId,
): Promise<string | 'unreachable' | undefined> {
  try {
    return digestHash(await (await files(callId)).read(MANIFEST_FILE))
  } catch (error) {
    const gone = error instanceof NoSuchFile || (error instanceof AppError && error.code === 'not-found')
    // A cold store that is away, or a record that cannot be decrypted, is another alarm's business.
    return gone ? undefined : 'unreachable'
  }
}
