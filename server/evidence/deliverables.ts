import type { MuxErrorCode } from '../../recordings/mux/mux-work.ts'
import { MuxError, type Muxer } from '../../recordings/mux/muxer.ts'
import type { CallFilesRef } from '../../recordings/vault/call-files.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { JOB_KINDS, type JobKind, type RecordJob } from '../../signaling/protocol/record-job.ts'
import type { Events } from '../events.ts'
import type { JobStore, StoredJob } from '../store/job-store.ts'
import { RecordRestricted } from './record-restricted.ts'

/** Waits before the second, third … attempt. After the last one the job has failed, until a person asks again. */
const RETRY_AFTER_MS = [5_000, 60_000, 600_000] as const

type Failure = Exclude<MuxErrorCode, 'closed' | 'cancelled'>

export type DeliverablesOptions = {
  readonly muxer: Muxer
  readonly store: JobStore
  readonly events: Events
  /** How the files of a call are reached at the moment; asked before each attempt. */
  ref(callId: CallId): Promise<CallFilesRef>
  /** What became of a replay, when it will not change by itself any more. */
  onReplay(callId: CallId, state: 'muxed' | 'mux-failed'): Promise<void>
  readonly retryAfterMs?: readonly number[]
}

type Live = {
  readonly callId: CallId
  readonly kind: JobKind
  state: 'waiting' | 'running' | 'retrying'
  attempts: number
  progress: number
  startedMs: number
  failure?: Failure
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/**
 * Everything made of records after their calls: one job for each call and kind at a time, tried again when it fails,
 * taken up again after a restart, and told how far it is.
 */
export class Deliverables {
  readonly #o: DeliverablesOptions
  readonly #live = new Map<string, Live>()
  #closed = false

  constructor(o: DeliverablesOptions) {
    this.#o = o
    o.events.observeDerivatives(() => o.muxer.stats)
  }

  /** Starts what is not running already; one that failed or is done is made anew. */
  async start(callId: CallId, kind: JobKind): Promise<RecordJob> {
    const running = this.#live.get(keyOf(callId, kind))
    if (running !== undefined) return shown(running)
    await this.#o.store.put({ callId, kind, state: 'pending', attempts: 0, failure: undefined, file: undefined })
    return shown(this.#begin(callId, kind))
  }

  /** What the last server did not finish. */
  async resume(): Promise<void> {
    for (const { callId, kind } of await this.#o.store.pending()) this.#begin(callId, kind)
  }

  /** The jobs of a call, those that are done included, in the order of their kinds. */
  async jobsOf(callId: CallId): Promise<RecordJob[]> {
    const stored = await this.#o.store.ofCall(callId)
    return JOB_KINDS.flatMap(kind => {
      const live = this.#live.get(keyOf(callId, kind))
      const row = stored.find(job => job.kind === kind)
      return live ? [shown(live)] : row ? [ended(row)] : []
    })
  }

  /** Whether work on the record is running or waiting. */
  isBusy(callId: CallId): boolean {
    return [...this.#live.values()].some(job => job.callId === callId)
  }

  /**
   * Ends the work on a record that is about to go, and forgets it: nothing of it is written after this resolves.
   * Resolves with the number of jobs there were.
   */
  async forget(callId: CallId): Promise<number> {
    const jobs = [...this.#live.values()].filter(job => job.callId === callId)
    for (const job of jobs) job.stop.abort()
    await Promise.all(jobs.map(job => job.ended))
    return this.#o.store.forget(callId)
  }

  /** Idempotent. What is not done stays pending for the next start. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#live.values()) job.stop.abort()
    await this.#o.muxer.close()
    await Promise.all([...this.#live.values()].map(job => job.ended))
  }

  #begin(callId: CallId, kind: JobKind): Live {
    const before = this.#live.get(keyOf(callId, kind))
    if (before !== undefined) return before
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const live: Live = {
      ...{ callId, kind, state: 'waiting', attempts: 0, progress: 0, startedMs: 0 },
      ...{ stop: new AbortController(), ended },
    }
    this.#live.set(keyOf(callId, kind), live)
    this.#run(live)
      .catch(error => this.#o.events.fault('mux job', error))
      .finally(() => {
        this.#live.delete(keyOf(callId, kind))
        resolve()
      })
    return live
  }

  async #run(job: Live): Promise<void> {
    const waits = this.#o.retryAfterMs ?? RETRY_AFTER_MS
    for (;;) {
      const result = await this.#attempt(job)
      if (result === undefined) return
      if ('file' in result) {
        await this.#settle(job, 'done', result.file)
        return
      }
      job.failure = result.failure
      const waitMs = waits[job.attempts - 1]
      if (waitMs === undefined) {
        this.#o.events.muxed(job.callId, 'mux-failed', result.error)
        await this.#settle(job, 'failed', undefined)
        return
      }
      job.state = 'retrying'
      await this.#o.store.put(stored(job, 'pending', undefined))
      if (!(await slept(waitMs, job.stop.signal))) return
    }
  }

  /** Undefined: stopped by us, not to be counted. */
  async #attempt(job: Live): Promise<{ file: string } | { failure: Failure; error: MuxError } | undefined> {
    job.state = 'waiting'
    job.progress = 0
    try {
      const { file } = await this.#o.muxer.mux({
        ...{ kind: job.kind, signal: job.stop.signal, files: () => this.#o.ref(job.callId) },
        onStart: () => {
          job.state = 'running'
          job.startedMs = performance.now()
        },
        onProgress: progress => {
          job.progress = progress
        },
      })
      job.attempts += 1
      return { file }
    } catch (error) {
      const known = error instanceof MuxError ? error : new MuxError('failed', String(error), { cause: error })
      if (known.code === 'closed' || known.code === 'cancelled') return undefined
      // Nothing may be done with it for now: it stays pending for a later start.
      if (known.cause instanceof RecordRestricted) return undefined
      job.attempts += 1
      return { failure: known.code, error: known }
    }
  }

  async #settle(job: Live, state: 'done' | 'failed', file: string | undefined): Promise<void> {
    if (this.#closed || job.stop.signal.aborted) return
    await this.#o.store.put(stored(job, state, file))
    if (job.kind !== 'replay') return
    await this.#o.onReplay(job.callId, state === 'done' ? 'muxed' : 'mux-failed')
    if (state === 'done') this.#o.events.muxed(job.callId, 'muxed')
  }
}

function keyOf(callId: CallId, kind: JobKind): string {
  return `${callId}.${kind}`
}

function stored(job: Live, state: StoredJob['state'], file: string | undefined): StoredJob {
  const { callId, kind, attempts } = job
  return { callId, kind, state, attempts, file, failure: state === 'done' ? undefined : job.failure }
}

function shown(job: Live): RecordJob {
  const { callId, kind, state, progress, attempts, failure } = job
  const tookMs = performance.now() - job.startedMs
  // Before a tenth the guess would jump about.
  const etaMs = state === 'running' && progress >= 0.1 ? Math.round((tookMs * (1 - progress)) / progress) : undefined
  return {
    ...{ id: keyOf(callId, kind), kind, state, progress, attempts },
    ...(etaMs !== undefined && { etaMs }),
    ...(failure !== undefined && { failure }),
  }
}

function ended(row: StoredJob): RecordJob {
  const { callId, kind, attempts, file } = row
  const failure = row.failure as Failure | undefined
  return {
    // Pending without living: another start will take it up.
    ...{ id: keyOf(callId, kind), kind, attempts, state: row.state === 'pending' ? 'waiting' : row.state },
    progress: row.state === 'done' ? 1 : 0,
    ...(failure !== undefined && { failure }),
    ...(file !== undefined && { file }),
  }
}

/** False when stopped before. */
function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(false)
    const stopped = () => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stopped)
      resolve(true)
    }, ms)
    signal.addEventListener('abort', stopped, { once: true })
  })
}
