import { AppError } from '../../signaling/protocol/errors.ts'
import type { Code, Region } from '../../signaling/protocol/reading.ts'
import type { Logger } from '../logger.ts'
import { JobError, JobProcess } from './job-process.ts'
import type { CodeJob } from './read-codes.ts'

export type CodeReaderOptions = {
  readonly logger: Logger
  readonly maxWaiting?: number
  readonly timeoutMs?: number
}

/** Finds QR, bar and matrix codes in pictures, in one process of low priority. */
export class CodeReader {
  readonly #process: JobProcess<CodeJob, Code[]>

  private constructor(o: CodeReaderOptions) {
    this.#process = new JobProcess({
      module: new URL('./code-process.ts', import.meta.url),
      name: 'code reader',
      logger: o.logger,
      maxWaiting: o.maxWaiting ?? 8,
      timeoutMs: o.timeoutMs ?? 15_000,
    })
  }

  static async create(o: CodeReaderOptions): Promise<CodeReader> {
    return new CodeReader(o)
  }

  /**
   * @param image an encoded picture (JPEG, WebP, PNG)
   * @param region the part to look at, in 0..1 of the picture
   * @returns what was found, empty when there is nothing; corners in 0..1 of the whole picture
   * @throws AppError `too-many`, `unavailable`, `gone`
   */
  async read(image: Buffer, region?: Region): Promise<Code[]> {
    try {
      return await this.#process.run({ image, ...(region && { region }) })
    } catch (cause) {
      const trouble = cause instanceof JobError ? cause.trouble : 'crashed'
      if (trouble === 'busy') throw new AppError('too-many', 'too many pictures wait to be read', { cause })
      if (trouble === 'closed') throw new AppError('gone', 'the server is stopping', { cause })
      throw new AppError('unavailable', 'the codes could not be read; try again', { cause })
    }
  }

  stats() {
    return this.#process.stats()
  }

  close(): Promise<void> {
    return this.#process.close()
  }
}
