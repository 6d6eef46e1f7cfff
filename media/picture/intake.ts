import type { Logger } from '../logger.ts'
import { INTAKE_REASONS, IntakeError, type IntakeReason } from './intake-error.ts'
import { JobError, JobProcess } from './job-process.ts'
import { type ReceivedType, typeOf } from './picture-type.ts'
import type { SafePicture } from './safe-picture.ts'
import type { ViewPair } from './same-view.ts'

/** A 50-million-pixel JPEG of a phone has 10 to 20 MB. */
export const MAX_PICTURE_BYTES = 25 * 1024 * 1024

export type IntakeJob =
  | { readonly kind: 'take'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'compare' } & ViewPair)

export type PictureIntakeOptions = {
  readonly logger: Logger
  readonly maxWaiting?: number
  readonly timeoutMs?: number
}

/** The door for every picture that was not cut from the stream: checked and made safe in a process of its own. */
export class PictureIntake {
  readonly #process: JobProcess<IntakeJob, SafePicture | boolean>

  private constructor(o: PictureIntakeOptions) {
    this.#process = new JobProcess({
      module: new URL('./intake-process.ts', import.meta.url),
      name: 'picture intake',
      logger: o.logger,
      maxWaiting: o.maxWaiting ?? 12,
      timeoutMs: o.timeoutMs ?? 30_000,
    })
  }

  static async create(o: PictureIntakeOptions): Promise<PictureIntake> {
    return new PictureIntake(o)
  }

  /** What the bytes are, by their beginning; undefined for what nobody takes. */
  typeOf(bytes: Uint8Array): ReceivedType | undefined {
    return typeOf(bytes)
  }

  /**
   * @returns the picture to keep and show: upright, sRGB, within bounds, freed of all metadata
   * @throws IntakeError
   */
  async take(bytes: Buffer): Promise<SafePicture> {
    if (bytes.length === 0) throw new IntakeError('empty')
    if (bytes.length > MAX_PICTURE_BYTES) throw new IntakeError('too-large')
    const type = typeOf(bytes)
    if (type === undefined) throw new IntakeError('unknown-type')
    if (type === 'application/pdf') throw new IntakeError('not-a-picture')
    try {
      const safe = await this.#process.run({ kind: 'take', bytes })
      if (typeof safe === 'boolean') throw new Error('not an answer to this job')
      // Binary data arrives as plain bytes; everybody here speaks Buffer.
      return { ...safe, bytes: Buffer.from(safe.bytes.buffer, safe.bytes.byteOffset, safe.bytes.byteLength) }
    } catch (cause) {
      throw asIntakeError(cause)
    }
  }

  /**
   * Whether a still shows the same view as the frame it was taken for, so that marks may stay where they were drawn; false
   * also when that cannot be told.
   */
  async isSameView(frame: Buffer, still: Buffer): Promise<boolean> {
    return (await this.#process.run({ kind: 'compare', frame, still }).catch(() => false)) === true
  }

  stats() {
    return this.#process.stats()
  }

  close(): Promise<void> {
    return this.#process.close()
  }
}

function asIntakeError(cause: unknown): IntakeError {
  if (!(cause instanceof JobError)) return new IntakeError('crashed', { cause })
  if (cause.trouble !== 'failed') return new IntakeError(cause.trouble, { cause })
  const known = Object.hasOwn(INTAKE_REASONS, cause.reason)
  return new IntakeError(known ? (cause.reason as IntakeReason) : 'undecodable', { cause })
}
