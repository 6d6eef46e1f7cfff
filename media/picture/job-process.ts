import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../logger.ts'

/** Parent to child, and back. Several kinds of work share this frame: `serveJobs` is the other end. */
export type JobMessage<Job> = { readonly id: number; readonly job: Job }
export type JobAnswer<Result> =
  | { readonly id: number; readonly kind: 'done'; readonly result: Result }
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string }

/** Why a job has no result: the first four are the queue's own, `failed` is the child's answer. */
export type JobTrouble = 'busy' | 'timeout' | 'crashed' | 'closed' | 'failed'
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

type Waiting<Job, Result> = { job: Job; resolve(result: Result): void; reject(error: JobError): void }

/**
 * Work that must not disturb the media: one child process of low priority, started when first needed, one job at a time,
 * a bounded queue before it, killed when a job takes too long. What it decodes comes from outside; a flaw in a decoder
 * costs this child and nothing else.
 */
export class JobProcess<Job, Result> {
  readonly #o: JobProcessOptions
  readonly #queue: Waiting<Job, Result>[] = []
  #child: ChildProcess | undefined
  #current: Waiting<Job, Result> | undefined
  #timer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #nextId = 1
  #closed = false
  #counts = { done: 0, refused: 0, failed: 0, started: 0 }

  constructor(options: JobProcessOptions) {
    this.#o = options
  }

  /** @throws JobError */
  run(job: Job): Promise<Result> {
    if (this.#closed) return Promise.reject(new JobError('closed'))
    if (this.#queue.length >= this.#o.maxWaiting) {
      this.#counts.refused++
      return Promise.reject(new JobError('busy'))
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject })
      this.#pump()
    })
  }

  stats() {
    return { ...this.#counts, waiting: this.#queue.length, running: this.#current ? 1 : 0, pid: this.#child?.pid }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const child = this.#child
    const exited = child && once(child, 'exit')
    this.#drop()
    this.#finish(waiting => waiting.reject(new JobError('closed')))
    for (const waiting of this.#queue.splice(0)) waiting.reject(new JobError('closed'))
    await exited
  }

  #start(): ChildProcess {
    if (this.#child) return this.#child
    // execArgv: a loader given to the parent (test runners do that) is not wanted in the child.
    const child = fork(fileURLToPath(this.#o.module), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child = child
    this.#counts.started++
    child.on('message', (answer: JobAnswer<Result>) => {
      if (this.#child === child) this.#take(answer)
    })
    child.on('error', error => this.#lost(child, error.message))
    child.on('exit', (code, signal) => this.#lost(child, signal ?? `exit code ${code}`))
    return child
  }

  #take(answer: JobAnswer<Result>): void {
    if (answer.id !== this.#nextId - 1) return
    this.#finish(waiting => {
      if (answer.kind === 'done') {
        this.#counts.done++
        waiting.resolve(answer.result)
      } else {
        this.#counts.failed++
        waiting.reject(new JobError('failed', answer.reason))
      }
    })
    this.#pump()
  }

  #pump(): void {
    if (this.#closed || this.#current) return
    clearTimeout(this.#idleTimer)
    const waiting = this.#queue.shift()
    if (!waiting) {
      this.#idleTimer = setTimeout(() => this.#drop(), this.#o.idleMs ?? 120_000)
      this.#idleTimer.unref()
      return
    }
    this.#current = waiting
    const child = this.#start()
    this.#timer = setTimeout(() => {
      this.#o.logger.warn({ process: this.#o.name, timeoutMs: this.#o.timeoutMs }, 'a job took too long')
      this.#counts.failed++
      this.#drop()
      this.#finish(late => late.reject(new JobError('timeout')))
      this.#pump()
    }, this.#o.timeoutMs)
    // A failed send is followed by the child's exit, which is handled there.
    child.send({ id: this.#nextId++, job: waiting.job } satisfies JobMessage<Job>, () => {})
  }

  #finish(settle: (waiting: Waiting<Job, Result>) => void): void {
    const waiting = this.#current
    this.#current = undefined
    clearTimeout(this.#timer)
    if (waiting) settle(waiting)
  }

  /** The next job starts a new child. */
  #drop(): void {
    clearTimeout(this.#idleTimer)
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
  }

  #lost(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#o.logger.warn({ process: this.#o.name, how }, 'a job process ended')
    this.#drop()
    if (this.#current) this.#counts.failed++
    this.#finish(waiting => waiting.reject(new JobError('crashed')))
    this.#pump()
  }
}
