import { AppError, type ErrorCode } from '../../../signaling/protocol/errors.ts'
import type { FaceComparison } from '../../../signaling/protocol/reading.ts'
import type { Logger } from '../../logger.ts'
import { ChildPool } from '../child-pool.ts'
import { type PictureTrouble, pictureTrouble } from '../picture-trouble.ts'
import type { FaceJob, FaceResult, FoundFace } from './face-messages.ts'

/** Kept with every comparison, so that a later reader knows what computed the score. */
export const FACE_MODEL = '@vladmandic/face-api 1.7.15: SSD MobileNet v1, 68 landmarks, ResNet-34 descriptor'

/** Where the model's authors put the border between one person and two. */
const BORDER_DISTANCE = 0.6
/**
 * Stricter than the authors' border (which would be 0.5): of 31 pairs of different people in the library's own photos 4 score above
 * 0.5 and 1 above 0.6. A score says how far from the border a pair lies; it is no probability (docs/documents.md).
 */
export const FACE_THRESHOLD = 0.6

/** 1 at distance 0, 0.5 at the border, falling to 0 at twice the border. */
export function faceScore(distance: number): number {
  return Math.max(0, Math.min(1, 1 - distance / (2 * BORDER_DISTANCE)))
}

export type ComparedFaces = Omit<FaceComparison, 'documentPageId' | 'facePageId'>

const REPLIES: Record<PictureTrouble, readonly [ErrorCode, string]> = {
  busy: ['too-many', 'too many comparisons wait'],
  timeout: ['unavailable', 'comparing the faces took too long'],
  crashed: ['unavailable', 'the face engine stopped'],
  engine: ['unavailable', 'the face engine failed'],
  closed: ['gone', 'the face comparer is closed'],
  'bad-picture': ['bad-request', 'a picture cannot be decoded'],
}

/** Why faces were not compared. */
export class FaceCompareError extends AppError {
  override name = 'FaceCompareError'
  readonly trouble: PictureTrouble
  constructor(trouble: PictureTrouble) {
    super(...REPLIES[trouble])
    this.trouble = trouble
  }
}

export type FaceComparerOptions = {
  readonly logger: Logger
  readonly maxWaiting?: number
  readonly timeoutMs?: number
  /** How long the process (about 400 MB) is kept after its last job. */
  readonly idleMs?: number
}

/**
 * Compares the portrait on a document with a live face, in a child process that is started when first needed and ended when
 * idle. Nothing of a face outlives the comparison but the score.
 */
export class FaceComparer {
  readonly #pool: ChildPool<FaceJob, FaceResult>

  private constructor(o: FaceComparerOptions) {
    this.#pool = new ChildPool({
      name: 'face',
      script: new URL('./face-process.ts', import.meta.url),
      logger: o.logger,
      processes: 1,
      maxWaiting: o.maxWaiting ?? 4,
      timeoutMs: o.timeoutMs ?? 30_000,
      idleMs: o.idleMs ?? 120_000,
      errorOf: (trouble, reason) => new FaceCompareError(pictureTrouble(trouble, reason)),
    })
  }

  static async create(options: FaceComparerOptions): Promise<FaceComparer> {
    return new FaceComparer(options)
  }

  /** Both pictures encoded (JPEG, WebP, PNG). @throws FaceCompareError */
  async compare(document: Buffer, live: Buffer): Promise<ComparedFaces> {
    const result = await this.#pool.run({ document, live })
    if (result.outcome === 'found') throw new FaceCompareError('engine')
    const told = { threshold: FACE_THRESHOLD, model: FACE_MODEL }
    if (result.outcome !== 'compared') return { outcome: result.outcome, ...told }
    return { outcome: 'compared', score: Number(faceScore(result.distance).toFixed(3)), ...told }
  }

  /** Where faces are on a picture; nothing is compared and nothing is kept. @throws FaceCompareError */
  async find(picture: Buffer): Promise<readonly FoundFace[]> {
    const result = await this.#pool.run({ find: picture })
    return result.outcome === 'found' ? result.faces : []
  }

  stats() {
    return this.#pool.stats()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
