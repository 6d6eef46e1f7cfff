import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCallJournal } from '../../recordings/journal/read-call-journal.ts'
import { parsePolicy, type RetentionPolicy } from '../../recordings/retention/policy.ts'
import type { SealKey } from '../../recordings/seal/seal-key.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Route } from '../http/routes.ts'
import type { Lifetime } from '../lifetime.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { CallIndex } from '../store/call-index.ts'
import type { Database } from '../store/database.ts'
import { Erasures } from '../store/erasures.ts'
import { RetentionBook } from '../store/retention-book.ts'
import { RetentionRuns } from '../store/retention-runs.ts'
import { Certificates } from './certificates.ts'
import { DailyRun } from './daily-run.ts'
import { type PurgeParts, Purger, type PurgerOptions } from './purger.ts'
import { Retention } from './retention.ts'
import { RetentionFactsSource } from './retention-facts.ts'
import { retentionRoutes } from './retention-routes.ts'

/** Locks of a store end at some moment of some day; what they kept goes within the hour. */
const LEFTOVERS_EVERY_MS = 3_600_000

export type OpenRetentionOptions = {
  readonly dataDir: string
  /** Undefined: everything is kept. */
  readonly policyFile: string | undefined
  readonly db: Database
  readonly index: CallIndex
  readonly sealKey: SealKey
  readonly accessLog: AccessLog
  readonly parts: PurgeParts
  /** As kept, without asking whether anything may be done with it. */
  readonly files: (callId: CallId) => Promise<CallFiles>
  readonly busy: (callId: CallId, folder: string) => boolean
  readonly onFault: (error: unknown) => void
  readonly life: Lifetime
  /** How often what could not be destroyed is tried again. Default: every hour. */
  readonly leftoversEveryMs?: number
  /** For tests. */
  readonly onStep?: NonNullable<PurgerOptions['onStep']>
}

export type OpenedRetention = {
  readonly retention: Retention
  readonly certificates: Certificates
  readonly routes: readonly Route[]
  /** When everything else is open. */
  start(): void
}

/**
 * Opens the end of records. Purges that a crash interrupted are finished here, before anybody looks for orphans.
 * @throws Error with one line when the policy is not understood
 */
export async function openRetention(o: OpenRetentionOptions): Promise<OpenedRetention> {
  const { db, index, accessLog } = o
  const policy = o.policyFile === undefined ? undefined : await loadPolicy(o.policyFile)
  const certificates = new Certificates(join(o.dataDir, 'certificates'))
  const book = new RetentionBook(db)
  const erasures = new Erasures(db)
  const runs = new RetentionRuns(db)
  const purger = new Purger({
    db,
    plansDir: join(o.dataDir, 'purges'),
    recordingsDir: join(o.dataDir, 'recordings'),
    certificates,
    sealKey: o.sealKey,
    parts: o.parts,
    ...(o.onStep && { onStep: o.onStep }),
    audit: entry => accessLog.add({ ...entry, action: 'erased' }),
  })
  for (const { error } of await purger.resume()) if (error !== undefined) o.onFault(error)
  await runs.endInterrupted()
  const facts = new RetentionFactsSource({
    db,
    index,
    book,
    erasures,
    classOf: async callId => retentionClassIn(await (await o.files(callId)).read('journal.jsonl')),
  })
  const retention = new Retention({
    db,
    policy,
    facts,
    book,
    erasures,
    runs,
    purger,
    files: o.files,
    busy: o.busy,
    audit: entry => accessLog.add(entry),
    onFault: o.onFault,
  })
  let daily: DailyRun | undefined
  return {
    retention,
    certificates,
    routes: retentionRoutes({
      ...{ retention, book, erasures, runs, certificates, accessLog: o.accessLog },
      nextRunAt: () => daily?.nextAt ?? null,
      isKnown: async callId => (await o.index.get(callId)) !== undefined,
    }),
    start() {
      o.life.add('retention', retention)
      retention.retryRemaining()
      const leftovers = setInterval(() => retention.retryRemaining(), o.leftoversEveryMs ?? LEFTOVERS_EVERY_MS)
      leftovers.unref()
      o.life.add('leftovers', { close: () => clearInterval(leftovers) })
      daily = o.life.add('retention timer', new DailyRun({ retention, onFault: o.onFault }))
    },
  }
}

/** @throws Error one line that names the file and the place */
export async function loadPolicy(file: string): Promise<RetentionPolicy> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`the retention policy ${file} cannot be read`, { cause })
  })
  return parsePolicy(text)
}

/** The class of the scenario chosen last. A journal that was changed has none: it is kept. */
export function retentionClassIn(journal: Buffer): string | undefined {
  const { entries, firstBad } = parseCallJournal(journal)
  if (firstBad !== undefined) return undefined
  return entries.filter(entry => entry.type === 'scenario.chosen').at(-1)?.retentionClass
}
