import type { Logger } from '../logger.ts'
import { type ChildAnswer, ChildPool, type JobTrouble } from './child-pool.ts'

/** Parent to child, and back. Several kinds of work share this frame: `serveJobs` is the other end. */
export type JobMessage<Job> = { readonly id: number; readonly job: Job }
export type JobAnswer<Result> = Exclude<ChildAnswer<Result>, { kind: 'warm' }>

/** Why a job has no result. */
export class JobError extends Error {
  override name = 'JobError'
  readonly trouble: JobTrouble
  /** In the child's words; empty unless `failed`. */
  readonly reason: string
  constructor(trouble: JobTrouble, reason = '') {
    super(trouble === 'failed' ? `the job failed: ${reason}` : `the job was not done: ${trouble}`)
    this.trouble = trouble
    this.reason = reason
  }
}

export type JobProcessOptions = {
  readonly module: URL
  readonly name: string
  readonly logger: Logger
  readonly maxWaiting: number
  readonly timeoutMs: number
  /** An idle child gives its memory back. */
  readonly idleMs?: number
}

const IDLE_MS = 120_000

/**
 * Work that must not disturb the media: a pool of one child process. What it decodes comes from outside; a flaw in a decoder
 * costs this child and nothing else.
 */
export class JobProcess<Job, Result> {
  readonly #pool: ChildPool<{ readonly job: Job }, Result>

  constructor({ module, idleMs = IDLE_MS, ...o }: JobProcessOptions) {
    this.#pool = new ChildPool({
      ...{ ...o, idleMs, script: module, processes: 1 },
      errorOf: (trouble, reason) => new JobError(trouble, reason),
    })
  }

  /** @throws JobError */
  run(job: Job): Promise<Result> {
    return this.#pool.run({ job })
  }

  stats() {
    const { pids, ...counts } = this.#pool.stats()
    return { ...counts, pid: pids[0] }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
