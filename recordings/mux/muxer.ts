import { type ChildEnd, childJob } from '../child-job.ts'
import type { Log } from '../log.ts'
import type { RedactionOrder } from '../redaction/make-redaction.ts'
import type { CallFilesRef } from '../vault/call-files.ts'
import type { WorkFolder } from '../vault/work-folder.ts'
import type { MuxErrorCode, MuxKind, MuxOrder, MuxReply, MuxResult } from './mux-work.ts'

const PROCESS_FILE = new URL('./mux-process.ts', import.meta.url)
/** A call of an hour takes about half a minute on an idle machine; a busy one may take long, a hung one for ever. */
const TIMEOUT_MS = 2 * 60 * 60_000

export class MuxError extends Error {
  override name = 'MuxError'
  readonly code: MuxErrorCode
  constructor(code: MuxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type MuxerOptions = {
  readonly ffmpegBin: string
  readonly logger: Log
  /** Plain bytes lie here while a job runs. */
  readonly work: WorkFolder
  readonly concurrency?: number
}

export type MuxRequest = {
  readonly kind: MuxKind
  /** What to cover, for a redaction. */
  readonly redaction?: RedactionOrder
  /** Asked for when the turn comes: a record may have moved while it waited. */
  files(): Promise<CallFilesRef>
  /** Ends it, waiting or running: `cancelled`. */
  readonly signal?: AbortSignal
  onStart?(): void
  onProgress?(progress: number): void
}

type Job = MuxRequest & { resolve(result: MuxResult): void; reject(error: unknown): void }

/** Makes derivatives after calls, a few at a time, each in a low-priority process of its own. */
export class Muxer {
  readonly #o: MuxerOptions
  readonly #waiting: Job[] = []
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()

  private constructor(o: MuxerOptions) {
    this.#o = o
  }

  static create(o: MuxerOptions): Muxer {
    return new Muxer(o)
  }

  get stats(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#waiting.length, running: this.#running.size }
  }

  /** Makes what is asked for when its turn comes; running it again replaces what is there. @throws MuxError */
  mux(request: MuxRequest): Promise<MuxResult> {
    if (this.#isClosed) return Promise.reject(new MuxError('closed', 'the muxer is closed'))
    return new Promise((resolve, reject) => {
      const job: Job = { ...request, resolve, reject }
      this.#waiting.push(job)
      request.signal?.addEventListener('abort', () => this.#cancel(job), { once: true })
      this.#startNext()
    })
  }

  #cancel(job: Job): void {
    const at = this.#waiting.indexOf(job)
    if (at === -1) return
    this.#waiting.splice(at, 1)
    job.reject(new MuxError('cancelled', 'no longer wanted'))
  }

  /** Ends running children and refuses what waits. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const job of this.#waiting.splice(0)) job.reject(new MuxError('closed', 'the muxer was closed'))
    await Promise.all(this.#running)
  }

  #startNext(): void {
    if (this.#isClosed || this.#running.size >= (this.#o.concurrency ?? 1)) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    const run = this.#run(job).then(job.resolve, job.reject)
    this.#running.add(run)
    run.finally(() => {
      this.#running.delete(run)
      this.#startNext()
    })
  }

  async #run(job: Job): Promise<MuxResult> {
    const startedMs = performance.now()
    const { ffmpegBin, work, logger } = this.#o
    const tookMs = () => Math.round(performance.now() - startedMs)
    try {
      const files = await job.files()
      job.onStart?.()
      // The folder belongs to this process, not to the child: it goes away even when the child is killed.
      const result = await work.with(workFolder =>
        this.#inChild(
          { kind: job.kind, files, ffmpegBin, workFolder, ...(job.redaction && { redaction: job.redaction }) },
          job,
        ),
      )
      logger.info({ kind: job.kind, file: result.file, durationMs: result.durationMs, tookMs: tookMs() }, 'muxed')
      return result
    } catch (error) {
      const known = error instanceof MuxError ? error : new MuxError('failed', String(error), { cause: error })
      logger.warn({ kind: job.kind, code: known.code, reason: known.message, tookMs: tookMs() }, 'not muxed')
      throw known
    }
  }

  async #inChild(order: MuxOrder, job: Job): Promise<MuxResult> {
    if (job.signal?.aborted) throw new MuxError('cancelled', 'no longer wanted')
    if (this.#isClosed) throw new MuxError('closed', 'the muxer was closed')
    let reply: MuxReply | undefined
    const end = await childJob<MuxReply>({
      script: PROCESS_FILE,
      order,
      timeoutMs: TIMEOUT_MS,
      signal: AbortSignal.any([this.#closing.signal, ...(job.signal ? [job.signal] : [])]),
      onMessage: message => {
        if (message.say === 'progress') job.onProgress?.(message.progress)
        else reply = message
      },
    })
    if (reply?.say !== 'done')
      throw failure(reply, end, { closed: this.#isClosed, cancelled: job.signal?.aborted === true })
    const { say: _, ...result } = reply
    return result
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }
}

function failure(
  reply: MuxReply | undefined,
  end: ChildEnd,
  o: { readonly closed: boolean; readonly cancelled: boolean },
): MuxError {
  if (o.cancelled) return new MuxError('cancelled', 'no longer wanted')
  if (o.closed) return new MuxError('closed', 'the muxer was closed')
  if (end.late) return new MuxError('timeout', 'muxing took too long')
  if (reply?.say === 'failed') return new MuxError(reply.code, reply.message)
  return new MuxError('crashed', end.how)
}
