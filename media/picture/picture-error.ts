import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'

export type PictureTrouble = 'timeout' | 'closed' | 'not-a-key-frame' | 'truncated' | 'undecodable' | 'unsupported'

const CODES: Record<PictureTrouble, ErrorCode> = {
  timeout: 'unavailable',
  closed: 'gone',
  'not-a-key-frame': 'unavailable',
  truncated: 'unavailable',
  undecodable: 'unavailable',
  unsupported: 'unavailable',
}

/** Why no picture came out of the video. */
export class PictureError extends AppError {
  override name = 'PictureError'
  readonly trouble: PictureTrouble
  constructor(trouble: PictureTrouble, message: string, options?: ErrorOptions) {
    super(CODES[trouble], message, options)
    this.trouble = trouble
  }
}
