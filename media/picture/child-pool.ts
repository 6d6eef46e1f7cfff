import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../logger.ts'

/** Why a job has no result: the first four are the pool's own, `failed` is the child's answer. */
export type JobTrouble = 'busy' | 'timeout' | 'crashed' | 'closed' | 'failed'

/** Child to parent. A child answers jobs in the order it got them, one at a time. */
export type ChildAnswer<Result> =
  | { readonly kind: 'warm' }
  | { readonly kind: 'done'; readonly id: number; readonly result: Result }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }

export type ChildPoolOptions = {
  /** For the log: "text", "face". */
  readonly name: string
  readonly script: URL
  readonly logger: Logger
  readonly processes: number
  readonly maxWaiting: number
  readonly timeoutMs: number
  /** A process that had nothing to do for so long is ended, and its memory with it; never, when left out. */
  readonly idleMs?: number | undefined
  /** `reason`: in the child's words; empty unless `failed`. */
  readonly errorOf: (trouble: JobTrouble, reason: string) => Error
}

type Waiting<Result> = {
  readonly id: number
  readonly job: object
  resolve(result: Result): void
  reject(error: Error): void
}
type Worker<Result> = {
  readonly child: ChildProcess
  readonly warm: PromiseWithResolvers<void>
  current: Waiting<Result> | undefined
  timer: NodeJS.Timeout | undefined
}

/**
 * Heavy work on pictures in child processes of the lowest priority, so that media never waits for it: started when first
 * needed, one job each at a time, killed when stuck, started anew after a crash. What waits is bounded.
 */
export class ChildPool<Job extends object, Result> {
  readonly #o: ChildPoolOptions
  readonly #queue: Waiting<Result>[] = []
  readonly #workers = new Set<Worker<Result>>()
  #nextId = 1
  #closed = false
  #counts = { done: 0, refused: 0, failed: 0, started: 0 }

  constructor(options: ChildPoolOptions) {
    this.#o = options
  }

  /** Starts one process ahead of the first job; resolves when it is ready or has failed. */
  async warm(): Promise<void> {
    if (this.#closed) return
    const [worker = this.#start()] = this.#workers
    await worker.warm.promise
  }

  /** Rejects with what `errorOf` makes of the trouble. */
  async run(job: Job): Promise<Result> {
    if (this.#closed) throw this.#o.errorOf('closed', '')
    if (this.#queue.length >= this.#o.maxWaiting) {
      this.#counts.refused++
      throw this.#o.errorOf('busy', '')
    }
    return await new Promise((resolve, reject) => {
      this.#queue.push({ id: this.#nextId++, job, resolve, reject })
      this.#pump()
    })
  }

  stats() {
    const busy = [...this.#workers].filter(worker => worker.current !== undefined)
    return {
      ...this.#counts,
      waiting: this.#queue.length,
      running: busy.length,
      pids: [...this.#workers].map(worker => worker.child.pid ?? 0),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const workers = [...this.#workers]
    const exits = workers.map(({ child }) =>
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined,
    )
    for (const waiting of this.#queue.splice(0)) waiting.reject(this.#o.errorOf('closed', ''))
    for (const worker of workers) this.#drop(worker, 'closed')
    await Promise.all(exits)
  }

  #start(): Worker<Result> {
    // execArgv: a loader given to the parent (test runners do that) is not wanted in the child.
    const child = fork(fileURLToPath(this.#o.script), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const worker: Worker<Result> = { child, warm: Promise.withResolvers<void>(), current: undefined, timer: undefined }
    this.#workers.add(worker)
    this.#counts.started++
    child.on('message', (answer: ChildAnswer<Result>) => {
      if (this.#workers.has(worker)) this.#take(worker, answer)
    })
    child.on('error', error => this.#lost(worker, error.message))
    child.on('exit', (code, signal) => this.#lost(worker, signal ?? `exit code ${code}`))
    return worker
  }

  #take(worker: Worker<Result>, answer: ChildAnswer<Result>): void {
    if (answer.kind === 'warm') {
      worker.warm.resolve()
      return
    }
    if (answer.id !== worker.current?.id) return
    const waiting = this.#free(worker)
    if (answer.kind === 'done') {
      this.#counts.done++
      waiting?.resolve(answer.result)
    } else {
      this.#counts.failed++
      waiting?.reject(this.#o.errorOf('failed', answer.reason))
    }
    this.#rest(worker)
    this.#pump()
  }

  #pump(): void {
    if (this.#closed || this.#queue.length === 0) return
    const idle = [...this.#workers].find(worker => worker.current === undefined)
    if (idle === undefined && this.#workers.size >= this.#o.processes) return
    const worker = idle ?? this.#start()
    const waiting = this.#queue.shift()
    if (waiting === undefined) return
    clearTimeout(worker.timer)
    worker.current = waiting
    worker.timer = setTimeout(() => {
      this.#o.logger.warn({ pool: this.#o.name, timeoutMs: this.#o.timeoutMs }, 'a picture took too long')
      this.#counts.failed++
      this.#drop(worker, 'timeout')
      this.#pump()
    }, this.#o.timeoutMs)
    // A failed send is followed by the child's exit, which is handled there.
    worker.child.send({ id: waiting.id, ...waiting.job }, () => {})
    this.#pump()
  }

  #free(worker: Worker<Result>): Waiting<Result> | undefined {
    clearTimeout(worker.timer)
    const waiting = worker.current
    worker.current = undefined
    return waiting
  }

  #rest(worker: Worker<Result>): void {
    if (this.#o.idleMs === undefined) return
    worker.timer = setTimeout(() => this.#drop(worker, 'closed'), this.#o.idleMs)
    worker.timer.unref()
  }

  /** Kills the process; the next job starts another. */
  #drop(worker: Worker<Result>, why: JobTrouble): void {
    this.#workers.delete(worker)
    this.#free(worker)?.reject(this.#o.errorOf(why, ''))
    worker.warm.resolve()
    worker.child.kill('SIGKILL')
  }

  #lost(worker: Worker<Result>, how: string): void {
    if (!this.#workers.has(worker)) return
    this.#o.logger.warn({ pool: this.#o.name, how }, 'a picture process ended')
    if (worker.current !== undefined) this.#counts.failed++
    this.#drop(worker, 'crashed')
    this.#pump()
  }
}
