import type { Logger } from '../logger.ts'
import { JobError, JobProcess } from './job-process.ts'
import { PDF_REASONS, PdfError, type PdfReason } from './pdf-error.ts'
import type { PdfJob, PdfResult } from './pdf-pages.ts'

export const MAX_PDF_BYTES = 25 * 1024 * 1024

export type PdfPicture = {
  readonly bytes: Buffer
  readonly type: 'image/jpeg' | 'image/png'
  readonly widthPx: number
  readonly heightPx: number
}

/** Pages of PDF files as pictures, made in a process of its own: bounded in time, memory, pages and pixels. */
export class PdfRenderer {
  readonly #process: JobProcess<PdfJob, PdfResult>

  private constructor(o: { logger: Logger; timeoutMs?: number; maxWaiting?: number }) {
    this.#process = new JobProcess({
      module: new URL('./pdf-process.ts', import.meta.url),
      name: 'PDF renderer',
      logger: o.logger,
      maxWaiting: o.maxWaiting ?? 40,
      timeoutMs: o.timeoutMs ?? 20_000,
    })
  }

  static async create(o: { logger: Logger; timeoutMs?: number; maxWaiting?: number }): Promise<PdfRenderer> {
    return new PdfRenderer(o)
  }

  /** @throws PdfError when it is no PDF that can be shown */
  async open(bytes: Buffer): Promise<{ pages: number }> {
    const result = await this.#run({ kind: 'open', bytes })
    if (result.kind !== 'open') throw new PdfError('crashed')
    return { pages: result.pages }
  }

  /**
   * One page on white.
   * @param page from 1
   * @param maxSidePx the longer side of the picture
   * @throws PdfError
   */
  async render(bytes: Buffer, page: number, maxSidePx: number): Promise<PdfPicture> {
    const result = await this.#run({ kind: 'render', bytes, page, maxSidePx })
    if (result.kind !== 'page') throw new PdfError('crashed')
    const { buffer, byteOffset, byteLength } = result.bytes
    const { type, widthPx, heightPx } = result
    return { bytes: Buffer.from(buffer, byteOffset, byteLength), type, widthPx, heightPx }
  }

  stats() {
    return this.#process.stats()
  }

  close(): Promise<void> {
    return this.#process.close()
  }

  async #run(job: PdfJob): Promise<PdfResult> {
    if (job.bytes.byteLength > MAX_PDF_BYTES) throw new PdfError('too-large')
    try {
      return await this.#process.run(job)
    } catch (cause) {
      throw asPdfError(cause)
    }
  }
}

function asPdfError(cause: unknown): PdfError {
  if (!(cause instanceof JobError)) return new PdfError('crashed', { cause })
  if (cause.trouble !== 'failed') return new PdfError(cause.trouble, { cause })
  return new PdfError(Object.hasOwn(PDF_REASONS, cause.reason) ? (cause.reason as PdfReason) : 'crashed', { cause })
}
