import { createHash } from 'node:crypto'
import { MANIFEST_FILE } from '../../recordings/archive/durable-file.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { VAULT_FILE } from '../../recordings/vault/vault-names.ts'
import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Verification } from '../../signaling/protocol/review.ts'
import type { Events } from '../events.ts'
import type { RecordIndex } from '../store/review/record-index.ts'
import type { KnownVerdict, Verdicts } from '../store/review/verdicts.ts'
import type { Archives } from './archives.ts'

/** A cold record is fetched byte by byte to be checked: its verdict is good for a day. */
const COLD_MS = 24 * 3600 * 1000
type Run = { done: Promise<ArchiveVerdict>; bytesChecked: number; bytesTotal: number }
export type VerificationsOptions = {
  readonly verdicts: Verdicts
  readonly recordIndex: RecordIndex
  readonly archives: Archives
  readonly events: Events
}

/**
 * Every byte of a record is checked whenever it is opened, but nobody waits for a large one: the last verdict is shown with its
 * age, and the check that runs with its progress. One check at a time, for they share the machine with living calls.
 */
export class Verifications {
  readonly #o: VerificationsOptions
  readonly #runs = new Map<CallId, Run>()
  readonly #failed = new Set<CallId>()
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(o: VerificationsOptions) {
    this.#o = o
  }

  /** Begins a check and waits for it, but no longer than `waitMs`. */
  async atOpen(callId: CallId, waitMs: number): Promise<Verification> {
    if ((await this.#o.archives.isCold(callId)) && (await this.#isYoung(callId))) return this.state(callId)
    const run = this.#start(callId)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>(resolve => {
      timer = setTimeout(resolve, waitMs)
    })
    await Promise.race([run.done.catch(() => {}), patience])
    clearTimeout(timer)
    return this.state(callId)
  }

  /** A new verdict, however long it takes. @throws AppError `unavailable` when the record cannot be read */
  async fresh(callId: CallId): Promise<ArchiveVerdict> {
    return this.#start(callId).done
  }

  async state(callId: CallId): Promise<Verification> {
    const known = await this.#known(callId)
    const run = this.#runs.get(callId)
    const checked = known?.verdict.bytesChecked ?? 0
    return {
      state: run ? 'running' : this.#failed.has(callId) ? 'failed' : known ? 'done' : 'running',
      verdict: known?.verdict ?? null,
      verifiedAt: known?.verifiedAt ?? null,
      bytesChecked: run?.bytesChecked ?? checked,
      bytesTotal: run?.bytesTotal ?? checked,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled([...this.#runs.values()].map(run => run.done))
  }

  #start(callId: CallId): Run {
    const running = this.#runs.get(callId)
    if (running) return running
    const run: Run = { done: Promise.resolve() as never, bytesChecked: 0, bytesTotal: 0 }
    this.#failed.delete(callId)
    run.done = this.#last.then(() => this.#check(callId, run))
    this.#last = run.done.catch(() => {})
    run.done = run.done.finally(() => this.#runs.delete(callId))
    // Whoever waits hears of a failure; when nobody does it is told here.
    run.done.catch((error: unknown) => {
      this.#failed.add(callId)
      if (!this.#closed) this.#o.events.fault('verification', error)
    })
    this.#runs.set(callId, run)
    return run
  }

  async #check(callId: CallId, run: Run): Promise<ArchiveVerdict> {
    const { verdicts, recordIndex, archives } = this.#o
    const stored = await archives.stored(callId)
    // An encrypted record is read twice: as it is stored, and as what it decrypts to.
    const times = (await stored.has(VAULT_FILE)) ? 2 : 1
    for (const { bytes } of await stored.list()) run.bytesTotal += bytes * times
    const manifestSha256 = await manifestHash(await archives.files(callId))
    const verdict = await archives.verify(callId, bytes => {
      if (this.#closed) throw new AppError('unavailable', 'the server is closing')
      run.bytesChecked = Math.min(run.bytesTotal, run.bytesChecked + bytes)
    })
    if (this.#closed) throw new AppError('unavailable', 'the server is closing')
    await verdicts.put(callId, { verdict, verifiedAt: new Date().toISOString(), manifestSha256 })
    await recordIndex.setFlag(callId, 'verification-problem', !verdict.intact)
    return verdict
  }

  async #isYoung(callId: CallId): Promise<boolean> {
    const known = await this.#known(callId)
    return known !== undefined && Date.now() - Date.parse(known.verifiedAt) < COLD_MS
  }

  /** A verdict on another manifest than the one that is there now says nothing. */
  async #known(callId: CallId): Promise<KnownVerdict | undefined> {
    const known = await this.#o.verdicts.get(callId)
    if (!known) return undefined
    const now = await manifestHash(await this.#o.archives.files(callId))
    return now === known.manifestSha256 ? known : undefined
  }
}

async function manifestHash(files: CallFiles): Promise<string> {
  try {
    return createHash('sha256')
      .update(await files.read(MANIFEST_FILE))
      .digest('hex')
  } catch {
    // Missing or unreadable: the verdict says so.
    return ''
  }
}
