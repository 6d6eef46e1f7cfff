import type { Region } from '../../signaling/protocol/reading.ts'
import type { Logger } from '../logger.ts'
import type { CoveredPicture, CoverJob } from './cover-picture.ts'
import { JobProcess } from './job-process.ts'

/** Covers regions of kept pictures in a process of its own, started when first needed and ended when idle. */
export class PictureCover {
  readonly #process: JobProcess<CoverJob, CoveredPicture>

  constructor(o: { readonly logger: Logger }) {
    this.#process = new JobProcess({
      module: new URL('./cover-process.ts', import.meta.url),
      name: 'picture cover',
      logger: o.logger,
      maxWaiting: 20,
      timeoutMs: 60_000,
      idleMs: 60_000,
    })
  }

  /** A PNG with the boxes covered. @throws JobError */
  async cover(bytes: Buffer, boxes: readonly Region[]): Promise<CoveredPicture> {
    const covered = await this.#process.run({ bytes, boxes })
    return { ...covered, bytes: Buffer.from(covered.bytes.buffer, covered.bytes.byteOffset, covered.bytes.byteLength) }
  }

  close(): Promise<void> {
    return this.#process.close()
  }
}
