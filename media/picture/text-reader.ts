import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'
import type { Region } from '../../signaling/protocol/reading.ts'
import type { Logger } from '../logger.ts'
import type { ReadText, TextAnswer, TextJob } from './text-messages.ts'

export type TextTrouble = 'busy' | 'timeout' | 'crashed' | 'closed' | 'bad-picture'

const CODES: Record<TextTrouble, ErrorCode> = {
  busy: 'too-many',
  timeout: 'unavailable',
  crashed: 'unavailable',
  closed: 'gone',
  'bad-picture': 'bad-request',
}

/** Why a picture was not read. */
export class TextReadError extends AppError {
  override name = 'TextReadError'
  readonly trouble: TextTrouble
  constructor(trouble: TextTrouble, message: string) {
    super(CODES[trouble], message)
    this.trouble = trouble
  }
}

export type TextReaderOptions = {
  readonly logger: Logger
  /** One: a second reader would take a whole core from the media on a small machine. */
  readonly processes?: 1
  readonly maxWaiting?: number
  readonly timeoutMs?: number
}

type Waiting = { job: TextJob; resolve(text: ReadText): void; reject(error: TextReadError): void }

/** Reads text in pictures, one at a time, in one low-priority child process that is started when first needed. */
export class TextReader {
  readonly #logger: Logger
  readonly #maxWaiting: number
  readonly #timeoutMs: number
  readonly #queue: Waiting[] = []
  #child: ChildProcess | undefined
  #current: Waiting | undefined
  #timer: NodeJS.Timeout | undefined
  #warm: { promise: Promise<void>; resolve(): void } | undefined
  #nextId = 1
  #closed = false
  #counts = { read: 0, refused: 0, failed: 0, started: 0 }

  private constructor(options: TextReaderOptions) {
    this.#logger = options.logger
    this.#maxWaiting = options.maxWaiting ?? 8
    this.#timeoutMs = options.timeoutMs ?? 20_000
  }

  static async create(options: TextReaderOptions): Promise<TextReader> {
    return new TextReader(options)
  }

  /** Loads the engine (about half a second and 150 MB) ahead of the first picture; resolves when it is ready or has failed. */
  async warm(): Promise<void> {
    if (this.#closed) return
    this.#start()
    await this.#warm?.promise
  }

  /**
   * @param image an encoded picture (JPEG, WebP, PNG)
   * @param region the part to read, in 0..1 of the picture
   * @throws TextReadError
   */
  async read(image: Buffer, region?: Region): Promise<ReadText> {
    if (this.#closed) throw new TextReadError('closed', 'the text reader is closed')
    if (this.#queue.length >= this.#maxWaiting) {
      this.#counts.refused++
      throw new TextReadError('busy', 'too many pictures wait to be read')
    }
    return await new Promise((resolve, reject) => {
      const job: TextJob = { id: this.#nextId++, image, ...(region === undefined ? {} : { region }) }
      this.#queue.push({ job, resolve, reject })
      this.#pump()
    })
  }

  stats() {
    return {
      ...this.#counts,
      waiting: this.#queue.length,
      running: this.#current === undefined ? 0 : 1,
      pid: this.#child?.pid,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const child = this.#child
    const exited = child === undefined ? undefined : once(child, 'exit')
    this.#drop()
    this.#finish(waiting => waiting.reject(new TextReadError('closed', 'the text reader is closed')))
    for (const waiting of this.#queue.splice(0)) {
      waiting.reject(new TextReadError('closed', 'the text reader is closed'))
    }
    await exited
  }

  #start(): ChildProcess {
    if (this.#child !== undefined) return this.#child
    // execArgv: a loader given to the parent (test runners do that) is not wanted in the child.
    const child = fork(fileURLToPath(new URL('./text-process.ts', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child = child
    this.#counts.started++
    this.#warm = Promise.withResolvers<void>()
    child.on('message', (answer: TextAnswer) => {
      if (this.#child === child) this.#take(answer)
    })
    child.on('error', error => this.#lost(child, error.message))
    child.on('exit', (code, signal) => this.#lost(child, signal ?? `exit code ${code}`))
    return child
  }

  #take(answer: TextAnswer): void {
    if (answer.kind === 'warm') {
      this.#warm?.resolve()
      return
    }
    if (answer.id !== this.#current?.job.id) return
    this.#finish(waiting => {
      if (answer.kind === 'read') {
        this.#counts.read++
        waiting.resolve(answer.result)
        return
      }
      this.#counts.failed++
      const { reason } = answer
      waiting.reject(
        reason === 'bad-picture'
          ? new TextReadError('bad-picture', 'the picture cannot be decoded')
          : new TextReadError('crashed', 'the text engine failed'),
      )
    })
    this.#pump()
  }

  #pump(): void {
    if (this.#closed || this.#current !== undefined) return
    const waiting = this.#queue.shift()
    if (waiting === undefined) return
    this.#current = waiting
    const child = this.#start()
    this.#timer = setTimeout(() => {
      this.#logger.warn({ timeoutMs: this.#timeoutMs }, 'reading text took too long')
      this.#counts.failed++
      this.#drop()
      this.#finish(late => late.reject(new TextReadError('timeout', 'reading the picture took too long')))
      this.#pump()
    }, this.#timeoutMs)
    // A failed send is followed by the child's exit, which is handled there.
    child.send(waiting.job, () => {})
  }

  #finish(settle: (waiting: Waiting) => void): void {
    const waiting = this.#current
    this.#current = undefined
    clearTimeout(this.#timer)
    if (waiting !== undefined) settle(waiting)
  }

  /** The child is started anew by the next picture. */
  #drop(): void {
    const child = this.#child
    this.#child = undefined
    this.#warm?.resolve()
    child?.kill('SIGKILL')
  }

  #lost(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#logger.warn({ how }, 'the text process ended')
    this.#drop()
    if (this.#current !== undefined) this.#counts.failed++
    this.#finish(waiting => waiting.reject(new TextReadError('crashed', 'the text engine stopped')))
    this.#pump()
  }
}
