import { AppError } from '../../signaling/protocol/errors.ts'

/** A chunk that does not continue what has been received; the phone goes on from `receivedBytes`. */
export class WrongOffset extends AppError {
  override name = 'WrongOffset'
  readonly receivedBytes: number
  constructor(receivedBytes: number) {
    super('conflict', `go on from byte ${receivedBytes}`)
    this.receivedBytes = receivedBytes
  }
}

export const UPLOAD_REASONS = {
  'unknown-type': ['bad-request', 'this kind of file is not taken; send a photo, a picture or a PDF'],
  'too-large': ['bad-request', 'the file is too large'],
  'too-many-files': ['too-many', 'too many files in this call'],
  'too-many-bytes': ['too-many', 'all files of this call together are too large'],
  abandoned: ['gone', 'nothing came for this file in a long time; begin again'],
  'too-many-open': ['too-many', 'too many files at once; wait for the others'],
} as const
export type UploadReason = keyof typeof UPLOAD_REASONS

/** Why a file is not taken; what is no sound picture is refused by the intake, with its own reasons. */
export class UploadRefused extends AppError {
  override name = 'UploadRefused'
  readonly reason: UploadReason
  constructor(reason: UploadReason) {
    const [code, message] = UPLOAD_REASONS[reason]
    super(code, message)
    this.reason = reason
  }
}
