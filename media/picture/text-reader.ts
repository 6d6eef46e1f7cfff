import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'
import type { DocumentKind, Region } from '../../signaling/protocol/reading.ts'
import type { Logger } from '../logger.ts'
import { ChildPool } from './child-pool.ts'
import type { ReadDocument } from './documents/read-document.ts'
import { type PictureTrouble, pictureTrouble } from './picture-trouble.ts'
import type { ReadText, TextJob, TextResult } from './text-messages.ts'

export type TextTrouble = Exclude<PictureTrouble, 'engine'>

const REPLIES: Record<PictureTrouble, readonly [TextTrouble, ErrorCode, string]> = {
  busy: ['busy', 'too-many', 'too many pictures wait to be read'],
  timeout: ['timeout', 'unavailable', 'reading the picture took too long'],
  crashed: ['crashed', 'unavailable', 'the text engine stopped'],
  engine: ['crashed', 'unavailable', 'the text engine failed'],
  closed: ['closed', 'gone', 'the text reader is closed'],
  'bad-picture': ['bad-picture', 'bad-request', 'the picture cannot be decoded'],
}

/** Why a picture was not read. */
export class TextReadError extends AppError {
  override name = 'TextReadError'
  readonly trouble: TextTrouble
  constructor(from: PictureTrouble) {
    const [trouble, code, message] = REPLIES[from]
    super(code, message)
    this.trouble = trouble
  }
}

export type TextReaderOptions = {
  readonly logger: Logger
  /** Default 1: a second reader would take a whole core from the media on a small machine. */
  readonly processes?: number
  readonly maxWaiting?: number
  readonly timeoutMs?: number
}

/** Reads text and documents in pictures, in low-priority child processes that are started when first needed. */
export class TextReader {
  readonly #pool: ChildPool<TextJob, TextResult>

  private constructor(o: TextReaderOptions) {
    this.#pool = new ChildPool({
      name: 'text',
      script: new URL('./text-process.ts', import.meta.url),
      logger: o.logger,
      processes: o.processes ?? 1,
      maxWaiting: o.maxWaiting ?? 8,
      timeoutMs: o.timeoutMs ?? 20_000,
      errorOf: (trouble, reason) => new TextReadError(pictureTrouble(trouble, reason)),
    })
  }

  static async create(options: TextReaderOptions): Promise<TextReader> {
    return new TextReader(options)
  }

  /** Loads the engines (about a second and 200 MB) ahead of the first picture; resolves when they are ready or have failed. */
  warm(): Promise<void> {
    return this.#pool.warm()
  }

  /**
   * @param image an encoded picture (JPEG, WebP, PNG)
   * @param region the part to read, in 0..1 of the picture
   * @throws TextReadError
   */
  async read(image: Buffer, region?: Region): Promise<ReadText> {
    const result = await this.#pool.run({ image, ...(region === undefined ? {} : { region }) })
    if (result.kind !== 'text') throw new TextReadError('engine')
    return result.text
  }

  /**
   * The fields of a document, with their checks. Card numbers arrive shortened already; nothing else is.
   * @throws TextReadError
   */
  async readDocument(image: Buffer, document: DocumentKind, region?: Region): Promise<ReadDocument> {
    const result = await this.#pool.run({ image, document, ...(region === undefined ? {} : { region }) })
    if (result.kind !== 'document') throw new TextReadError('engine')
    return result.document
  }

  stats() {
    const { done, pids, ...rest } = this.#pool.stats()
    return { ...rest, read: done, pid: pids[0] }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
