import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'

/** Why a picture was not taken in. Each tells whoever sent it what to do. */
export const INTAKE_REASONS = {
  empty: ['bad-request', 'the file is empty'],
  'too-large': ['bad-request', 'the file is too large; send a smaller picture'],
  'unknown-type': ['bad-request', 'this kind of file is not taken; send JPEG, PNG, WebP, GIF, HEIC, AVIF or PDF'],
  'not-a-picture': ['bad-request', 'this file is no picture'],
  'too-many-pixels': ['bad-request', 'the picture has too many pixels; send a smaller one'],
  undecodable: [
    'bad-request',
    'the picture is damaged or cannot be decoded; send it as JPEG or take a screenshot of it',
  ],
  busy: ['too-many', 'too many pictures are being taken in; try again in a moment'],
  timeout: ['unavailable', 'taking in the picture took too long; send a smaller one'],
  crashed: ['unavailable', 'the picture could not be taken in; send it as JPEG or take a screenshot of it'],
  closed: ['gone', 'the server is stopping'],
} as const satisfies Record<string, readonly [ErrorCode, string]>
export type IntakeReason = keyof typeof INTAKE_REASONS

export class IntakeError extends AppError {
  override name = 'IntakeError'
  readonly reason: IntakeReason
  constructor(reason: IntakeReason, options?: ErrorOptions) {
    const [code, message] = INTAKE_REASONS[reason]
    super(code, message, options)
    this.reason = reason
  }
}
