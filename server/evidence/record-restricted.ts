import { AppError } from '../../signaling/protocol/errors.ts'

/** A record that may only be stored and protected: erasure was asked for, and something still forbids it; or it is going. */
export class RecordRestricted extends AppError {
  override name = 'RecordRestricted'
  readonly reason: 'restricted' | 'being-purged'
  constructor(reason: 'restricted' | 'being-purged') {
    super(
      reason === 'restricted' ? 'forbidden' : 'gone',
      reason === 'restricted'
        ? 'erasure was asked for this record: until it may go it is only stored and protected'
        : 'this record is being destroyed',
    )
    this.reason = reason
  }
}
