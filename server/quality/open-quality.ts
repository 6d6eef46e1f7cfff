import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Config } from '../config.ts'
import type { Events } from '../events.ts'
import type { Route } from '../http/routes.ts'
import type { Lifetime } from '../lifetime.ts'
import type { Logger } from '../logger.ts'
import type { RecordDoor } from '../review/record-door.ts'
import type { RecordIndexer } from '../review/record-indexer.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import { QualityBook } from '../store/quality/quality-book.ts'
import type { RecordIndex } from '../store/review/record-index.ts'
import { OperatorPatterns } from './operator-patterns.ts'
import { QualityChecks } from './quality-checks.ts'
import { readQualityFile } from './quality-file.ts'
import { qualityRoutes } from './quality-routes.ts'
import type { ServiceLimits } from './services/ask-service.ts'
import { LanguageModel } from './services/language-model.ts'
import { SpeechToText } from './services/speech-to-text.ts'

export type QualityOptions = {
  readonly config: Config['quality']
  readonly db: Database
  readonly door: RecordDoor
  readonly accessLog: AccessLog
  readonly recordIndex: RecordIndex
  readonly indexer: RecordIndexer
  readonly events: Events
  readonly logger: Logger
  readonly life: Lifetime
  readonly files: (callId: CallId) => Promise<CallFiles>
  readonly verify: (callId: CallId) => Promise<ArchiveVerdict>
  readonly serviceLimits?: Partial<ServiceLimits>
}

/** The automatic quality check. @throws ConfigError when the operator's file is not as expected */
export async function openQuality(o: QualityOptions): Promise<{ checks: QualityChecks; routes: readonly Route[] }> {
  const { config, life } = o
  const loaded = await readQualityFile(config.file)
  const patterns = life.add('quality patterns', await OperatorPatterns.open(loaded, o.logger))
  const book = new QualityBook(o.db)
  const checks = life.add(
    'quality checks',
    new QualityChecks({
      ...{ loaded, patterns, book, events: o.events, files: o.files, verify: o.verify },
      speechToText: config.speechToText && new SpeechToText(config.speechToText, o.serviceLimits),
      languageModel: config.languageModel && new LanguageModel(config.languageModel, o.serviceLimits),
      onChecked: async (callId, found) => {
        await o.recordIndex.setFlag(callId, 'quality-finding', found)
        await o.indexer.note(callId)
      },
    }),
  )
  return { checks, routes: qualityRoutes({ door: o.door, checks, book, accessLog: o.accessLog }) }
}
