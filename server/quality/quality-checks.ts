import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { QUALITY_FORMAT, QualityReport, type RecordQuality, type ServiceUse } from '../../signaling/protocol/quality.ts'
import type { QualityRunState } from '../../signaling/protocol/quality-kinds.ts'
import type { Events } from '../events.ts'
import { RecordRestricted } from '../evidence/record-restricted.ts'
import type { QualityBook } from '../store/quality/quality-book.ts'
import { askModel } from './ask-model.ts'
import { factsOfCall } from './call-facts.ts'
import { readDerivative, readMaterial } from './call-material.ts'
import { checklistScores } from './checklist-scores.ts'
import { judgeCall } from './judge-call.ts'
import type { OperatorPatterns } from './operator-patterns.ts'
import type { LoadedRules } from './quality-file.ts'
import { mayAskServices } from './service-consent.ts'
import type { LanguageModel } from './services/language-model.ts'
import type { SpeechToText } from './services/speech-to-text.ts'
import { newestTranscript, transcribe } from './transcribe.ts'

/** Goes up when the same record and rules are judged otherwise than before. */
export const QUALITY_ENGINE = 'tongping-quality-engine/1'
/** More old records than this are not taken up at a start: the rest waits for the next one, or for a person. */
const CATCH_UP = 500
const SERIOUS = ['minor', 'major', 'critical']

export type QualityChecksOptions = {
  readonly loaded: LoadedRules
  readonly patterns: OperatorPatterns
  readonly speechToText: SpeechToText | undefined
  readonly languageModel: LanguageModel | undefined
  readonly book: QualityBook
  readonly events: Events
  /** @throws RecordRestricted when the record may only be stored */
  files(callId: CallId): Promise<CallFiles>
  verify(callId: CallId): Promise<ArchiveVerdict>
  /** A run is over: the flag of the record, and its transcript for those who search. */
  onChecked(callId: CallId, found: boolean): Promise<void>
}

/** Checks one record after the other, after its deliverables were made; everything it finds says where to look. */
export class QualityChecks {
  readonly #o: QualityChecksOptions
  readonly #waiting = new Map<CallId, PromiseWithResolvers<void>>()
  readonly #stop = new AbortController()
  #current: CallId | undefined
  #working: Promise<void> | undefined

  constructor(o: QualityChecksOptions) {
    this.#o = o
  }

  /** The deliverables are there: checked unless it was before. */
  async note(callId: CallId): Promise<void> {
    if (!(await this.#o.book.lastRun(callId))) void this.#queue(callId)
  }

  /** At start: what no check has looked at. */
  async catchUp(): Promise<void> {
    for (const callId of await this.#o.book.unchecked(CATCH_UP)) void this.#queue(callId)
  }

  /** A new run, whatever was found before; resolves when it is over. */
  run(callId: CallId): Promise<void> {
    return this.#queue(callId)
  }

  isBusy(callId: CallId): boolean {
    return this.#current === callId || this.#waiting.has(callId)
  }

  /** @throws AppError `not-found`; RecordRestricted */
  async of(callId: CallId): Promise<RecordQuality> {
    const { book, loaded } = this.#o
    const files = await this.#o.files(callId)
    const last = await newestReport(files)
    const answers = await book.answers(callId)
    const transcript = last?.transcript ? (await newestTranscript(files))?.transcript : undefined
    return {
      state: this.#stateOf(callId, (await book.lastRun(callId))?.state),
      report: last ?? null,
      transcript: transcript ?? null,
      answers,
      scores: last ? checklistScores(last.checklists, answers) : [],
      configured: {
        speechToText: this.#o.speechToText !== undefined,
        languageModel: this.#o.languageModel !== undefined,
      },
      rulesVersion: loaded.rules.version,
    }
  }

  /** Idempotent. What was not done is taken up by the next start. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const waiting of this.#waiting.values()) waiting.resolve()
    this.#waiting.clear()
    await this.#working
  }

  #stateOf(callId: CallId, last: 'done' | 'failed' | undefined): QualityRunState {
    if (this.#current === callId) return 'running'
    if (this.#waiting.has(callId)) return 'waiting'
    return last ?? 'none'
  }

  #queue(callId: CallId): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve()
    const waiting = this.#waiting.get(callId) ?? Promise.withResolvers<void>()
    this.#waiting.set(callId, waiting)
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
    return waiting.promise
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting
      if (!next || this.#stop.signal.aborted) return
      const [callId, { resolve }] = next
      this.#waiting.delete(callId)
      this.#current = callId
      await this.#check(callId)
      this.#current = undefined
      resolve()
    }
  }

  async #check(callId: CallId): Promise<void> {
    const { book, loaded, events } = this.#o
    const run = ((await book.lastRun(callId).catch(() => undefined))?.run ?? 0) + 1
    const rulesVersion = loaded.rules.version
    try {
      const report = await this.#judge(callId, run)
      await book.put({ callId, run, rulesVersion, state: 'done', findings: report.findings })
      await this.#o.onChecked(
        callId,
        report.findings.some(one => SERIOUS.includes(one.severity)),
      )
    } catch (error) {
      // Stopped by our own close, or nothing may be done with it: a later start takes it up.
      if (this.#stop.signal.aborted || error instanceof RecordRestricted) return
      events.fault('quality check', error)
      await book.put({ callId, run, rulesVersion, state: 'failed', findings: [] }).catch(() => {})
    }
  }

  async #judge(callId: CallId, run: number): Promise<QualityReport> {
    const { loaded, patterns, speechToText, languageModel } = this.#o
    const { signal } = this.#stop
    const files = await this.#o.files(callId)
    const verdict = await this.#verdict(callId)
    const known = await newestTranscript(files)
    const before = await readMaterial(files, { verdict, transcript: known?.transcript })
    const allowed = mayAskServices(before.entries, loaded.rules.services.consent)
    let heard: ServiceUse = known?.transcript.service ?? { state: 'not-configured' }
    let [transcript, path] = [known?.transcript, known?.path]
    if (speechToText) {
      if (allowed) {
        const number = (known?.number ?? 0) + 1
        const { durationMs } = before.manifest
        const made = await transcribe({ callId, files, service: speechToText, number, durationMs, signal })
        heard = made.use
        if (made.transcript) [transcript, path] = [made.transcript, made.path]
      } else heard = { state: 'no-consent' }
    }
    const material = { ...before, transcript }
    const facts = factsOfCall(material)
    const judged = judgeCall(facts, loaded.rules, await patterns.lookIn(facts))
    let asked: ServiceUse = { state: languageModel ? 'nothing-to-ask' : 'not-configured' }
    let { checklists } = judged
    if (languageModel && !allowed) asked = { state: 'no-consent' }
    else if (languageModel && transcript) {
      const answered = await askModel({ model: languageModel, rules: loaded.rules, checklists, transcript, signal })
      asked = answered.use
      checklists = answered.checklists
    }
    const report: QualityReport = QualityReport.parse({
      ...{ format: QUALITY_FORMAT, callId, run, madeAt: new Date().toISOString(), engine: QUALITY_ENGINE },
      rules: { version: loaded.rules.version, sha256: loaded.sha256 },
      journalHead: material.journalHead,
      ...{ findings: judged.findings, undecided: judged.undecided, checklists },
      measures: facts.measures,
      events: [...facts.events].flatMap(([id, occurrences]) =>
        occurrences && occurrences.length > 0 ? [{ id, occurrences: occurrences.slice(0, 200) }] : [],
      ),
      sensitive: facts.sensitive.slice(0, 500),
      services: { speechToText: heard, languageModel: asked },
      transcript: path ?? null,
    })
    await files.put(`derived/quality/${run}.json`, [Buffer.from(JSON.stringify(report, null, 2))])
    return report
  }

  /** Checking every byte of a large record takes a while; nobody waits for it when the server closes. */
  async #verdict(callId: CallId): Promise<ArchiveVerdict | undefined> {
    const { signal } = this.#stop
    const closed = Promise.withResolvers<undefined>()
    const stop = () => closed.resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    const verdict = this.#o.verify(callId).catch(() => undefined)
    const known = await Promise.race([verdict, closed.promise])
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    return known
  }
}

const REPORT = /^derived\/quality\/(\d+)\.json$/

async function newestReport(files: CallFiles): Promise<QualityReport | undefined> {
  const numbers = (await files.list()).flatMap(({ path }) => REPORT.exec(path)?.[1] ?? []).map(Number)
  for (const number of numbers.sort((a, b) => b - a)) {
    const report = await readDerivative(files, `derived/quality/${number}.json`, QualityReport)
    if (report) return report
  }
  return undefined
}
