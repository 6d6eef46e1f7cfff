import { type ChildProcess, fork } from 'node:child_process'
import type { Log } from '../log.ts'

const PROCESS_FILE = new URL('./mux-process.ts', import.meta.url)
const KILL_AFTER_MS = 2000
/** A call of an hour takes about half a minute on an idle machine; a busy one may take long, a hung one for ever. */
const TIMEOUT_MS = 30 * 60_000

export type MuxErrorCode = 'closed' | 'ffmpeg-failed' | 'failed' | 'crashed' | 'timeout'
export class MuxError extends Error {
  override name = 'MuxError'
  readonly code: MuxErrorCode
  constructor(code: MuxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type MuxResult = { readonly replayFile: string; readonly durationMs: number }
/** What the child process answers. */
export type MuxReply =
  | ({ readonly ok: true } & MuxResult)
  | { readonly ok: false; readonly code: 'ffmpeg-failed' | 'failed'; readonly message: string }

type Job = { readonly folder: string; resolve(result: MuxResult): void; reject(error: MuxError): void }

/** Makes replays after calls, a few at a time, each in a low-priority process of its own. */
export class Muxer {
  readonly #ffmpegBin: string
  readonly #logger: Log
  readonly #concurrency: number
  readonly #waiting: Job[] = []
  readonly #running = new Map<ChildProcess, Promise<void>>()
  #closed = false

  private constructor(o: { ffmpegBin: string; logger: Log; concurrency: number }) {
    this.#ffmpegBin = o.ffmpegBin
    this.#logger = o.logger
    this.#concurrency = o.concurrency
  }

  static create(o: { ffmpegBin: string; logger: Log; concurrency?: number }): Muxer {
    return new Muxer({ ...o, concurrency: o.concurrency ?? 1 })
  }

  get stats(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#waiting.length, running: this.#running.size }
  }

  /** Makes `derived/` of a call folder. @throws MuxError. Running it again replaces what is there. */
  mux(folder: string): Promise<MuxResult> {
    if (this.#closed) return Promise.reject(new MuxError('closed', 'the muxer is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ folder, resolve, reject })
      this.#startNext()
    })
  }

  /** Ends running children and refuses what waits. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.reject(new MuxError('closed', 'the muxer was closed'))
    const ends = [...this.#running.values()]
    for (const child of this.#running.keys()) stopChild(child)
    await Promise.all(ends)
  }

  #startNext(): void {
    if (this.#closed || this.#running.size >= this.#concurrency) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    const startedMs = performance.now()
    const child = fork(PROCESS_FILE, [job.folder, this.#ffmpegBin], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    })
    let reply: MuxReply | undefined
    let said = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      stopChild(child)
    }, TIMEOUT_MS)
    child.on('message', message => {
      reply = message as MuxReply
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-600)
    })
    const ended = new Promise<void>(resolve => {
      const finish = (cause: string) => {
        clearTimeout(timer)
        this.#running.delete(child)
        const tookMs = Math.round(performance.now() - startedMs)
        if (reply?.ok === true) {
          const { replayFile, durationMs } = reply
          this.#logger.info({ folder: job.folder, tookMs, durationMs }, 'replay made')
          job.resolve({ replayFile, durationMs })
        } else {
          const error = failure(reply, { closed: this.#closed, late, cause: `${cause} ${said}`.trim() })
          this.#logger.warn({ folder: job.folder, tookMs, code: error.code, reason: error.message }, 'no replay')
          job.reject(error)
        }
        resolve()
        this.#startNext()
      }
      child.once('error', error => {
        said = error.message
        if (child.pid === undefined) finish('cannot start')
      })
      child.once('close', (code, signal) => finish(`ended with ${signal ?? code}`))
    })
    this.#running.set(child, ended)
  }
}

function failure(reply: MuxReply | undefined, o: { closed: boolean; late: boolean; cause: string }): MuxError {
  if (o.closed) return new MuxError('closed', 'the muxer was closed')
  if (o.late) return new MuxError('timeout', 'muxing took too long')
  if (reply?.ok === false) return new MuxError(reply.code, reply.message)
  return new MuxError('crashed', o.cause)
}

function stopChild(child: ChildProcess): void {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  child.once('close', () => clearTimeout(timer))
}
