import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'

export type RoomTrouble =
  | 'closed'
  | 'no-worker'
  | 'unknown-transport'
  | 'unknown-consumer'
  | 'already-connected'
  | 'wrong-role'
  | 'wrong-codec'
  | 'bad-parameters'
  | 'media-failed'

const CODES: Record<RoomTrouble, ErrorCode> = {
  closed: 'gone',
  'no-worker': 'unavailable',
  'unknown-transport': 'not-found',
  'unknown-consumer': 'not-found',
  'already-connected': 'conflict',
  'wrong-role': 'forbidden',
  'wrong-codec': 'conflict',
  'bad-parameters': 'bad-request',
  'media-failed': 'unavailable',
}

/** Why the room refused; `code` is what a door answers. */
export class RoomError extends AppError {
  override name = 'RoomError'
  readonly trouble: RoomTrouble
  constructor(trouble: RoomTrouble, message: string, options?: ErrorOptions) {
    super(CODES[trouble], message, options)
    this.trouble = trouble
  }
}

/** mediasoup refuses arguments with TypeError or UnsupportedError; anything else is its own or the worker's failure. */
export function asRoomError(error: unknown, what: string): RoomError {
  if (error instanceof RoomError) return error
  const isRefusal = error instanceof Error && (error instanceof TypeError || error.name === 'UnsupportedError')
  return new RoomError(isRefusal ? 'bad-parameters' : 'media-failed', what, { cause: error })
}
