import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Finding } from '../../signaling/protocol/reading.ts'
import { ConfigError } from '../env.ts'
import type { Logger } from '../logger.ts'
import { type Recogniser, readRecognisers } from './recogniser-file.ts'
import type { Readable, ThreadAnswer, ThreadData } from './recogniser-thread.ts'

/** A sound pattern needs microseconds for a line; at the start many hostile texts are tried at once, perhaps on a busy machine. */
const LIMITS = { textMs: 1_000, trialMs: 4_000 } as const
const START_LIMIT_MS = 10_000

export type Limits = { readonly textMs: number; readonly trialMs: number }

type Thread = {
  readonly worker: Worker
  readonly names: readonly string[]
  readonly atWork: Int32Array<SharedArrayBuffer>
}

/**
 * The operator's patterns, looked for in every text and code that is read. They run in a thread of their own with a time
 * limit: a pattern that backtracks without end is refused at the start, or put out of use when it shows later.
 */
export class Recognisers {
  readonly #logger: Logger
  readonly #limits: Limits
  #recognisers: readonly Recogniser[]
  #thread: Thread | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #nextId = 1
  #closed = false

  private constructor(recognisers: readonly Recogniser[], logger: Logger, limits: Limits) {
    this.#limits = limits
    this.#recognisers = recognisers
    this.#logger = logger
  }

  /**
   * @param file the operator's JSON; the shipped patterns without it
   * @throws ConfigError with one clear line
   */
  static async load(file: string | undefined, logger: Logger, limits: Limits = LIMITS): Promise<Recognisers> {
    return Recognisers.tried(
      await readRecognisers(file),
      `TONGPING_RECOGNISERS_FILE ${file ?? '(shipped)'}`,
      logger,
      limits,
    )
  }

  /**
   * Patterns read elsewhere, tried on hostile texts before they are used.
   * @param where names the file in the refusal
   * @throws ConfigError with one clear line
   */
  static async tried(
    patterns: readonly Recogniser[],
    where: string,
    logger: Logger,
    limits: Limits = LIMITS,
  ): Promise<Recognisers> {
    const recognisers = new Recognisers(patterns, logger, limits)
    if (patterns.length === 0) return recognisers
    const hostile = hostileTexts(recognisers.#recognisers)
    const slow = await recognisers.#run(hostile, limits.trialMs).then(
      outcome => ('slow' in outcome ? outcome.slow : undefined),
      async (error: unknown) => {
        await recognisers.close()
        throw error
      },
    )
    if (slow === undefined) return recognisers
    await recognisers.close()
    throw new ConfigError(`${where}: "${slow}" takes too long on some texts (nested repetition?)`)
  }

  get names(): readonly string[] {
    return this.#recognisers.map(one => one.name)
  }

  /** What the patterns find, each value once. Never rejects: a text is worth more than what a pattern makes of it. */
  find(texts: readonly Readable[]): Promise<Finding[]> {
    const mine = this.#turn.then(() => this.#find(texts))
    this.#turn = mine
    return mine
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#stop()
  }

  async #find(texts: readonly Readable[]): Promise<Finding[]> {
    if (texts.length === 0) return []
    try {
      // Each turn either answers or loses one pattern, so this ends.
      while (!this.#closed && this.#recognisers.length > 0) {
        const outcome = await this.#run(texts)
        if ('findings' in outcome) return outcome.findings
        this.#logger.error({ recogniser: outcome.slow }, 'a recogniser takes too long and is put out of use')
        this.#recognisers = this.#recognisers.filter(one => one.name !== outcome.slow)
      }
    } catch (error) {
      if (!this.#closed) this.#logger.error({ err: error }, 'the recognisers failed')
      await this.#stop()
    }
    return []
  }

  async #run(
    texts: readonly Readable[],
    limitMs = this.#limits.textMs,
  ): Promise<{ findings: Finding[] } | { slow: string }> {
    const thread = await this.#ready()
    const id = this.#nextId++
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), limitMs)
    try {
      thread.worker.postMessage({ id, texts: texts.map(({ text, box }) => ({ text, ...(box && { box }) })) })
      const [answer] = (await once(thread.worker, 'message', { signal: late.signal })) as [ThreadAnswer]
      return { findings: answer.findings }
    } catch (error) {
      const slow = thread.names[Atomics.load(thread.atWork, 0)]
      await this.#stop()
      if (late.signal.aborted && slow !== undefined) return { slow }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Starting a thread takes its time on a busy machine, which must not count against a pattern. */
  async #ready(): Promise<Thread> {
    if (this.#thread) return this.#thread
    const atWork = new Int32Array(new SharedArrayBuffer(4)).fill(-1)
    const recognisers = this.#recognisers
    const worker = new Worker(new URL('./recogniser-thread.ts', import.meta.url), {
      workerData: { recognisers, atWork } satisfies ThreadData,
      execArgv: [],
    })
    worker.unref()
    const thread = { worker, names: recognisers.map(one => one.name), atWork }
    this.#thread = thread
    worker.postMessage({ id: 0, texts: [] })
    await once(worker, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) })
    return thread
  }

  async #stop(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.worker.terminate()
  }
}

/** Long runs of what the patterns speak of, with an end that spoils the match: where backtracking explodes, it does here. */
function hostileTexts(recognisers: readonly Recogniser[]): Readable[] {
  const units = new Set(['a', '0', ' ', '-', '.', ':', 'ab', 'a0', 'a ', '0 ', 'a-', '中', '中0', '\t'])
  for (const { pattern } of recognisers) {
    const literal = pattern.replace(/\\[a-zA-Z]|[\\^$.*+?()[\]{}|]/g, ' ')
    for (const word of literal.split(/\s+/)) if (word !== '') units.add(word.slice(0, 20))
  }
  return [...units].flatMap(unit => {
    const run = unit.repeat(Math.ceil(400 / unit.length)).slice(0, 400)
    return [{ text: `${run}\u0001` }, { text: `sn:${run}\u0001` }]
  })
}
