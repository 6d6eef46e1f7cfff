import type { Consent } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { InviteId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'

/** What the caller of one call has agreed to, each kind by itself, and each answer in the journal. */
export class CallConsents {
  readonly #log: CallLog
  readonly #changed: () => void
  readonly #given = new Map<ConsentKind, boolean>()

  constructor(log: CallLog, changed: () => void) {
    this.#log = log
    this.#changed = changed
  }

  get view(): Partial<Record<ConsentKind, boolean>> {
    return Object.fromEntries(this.#given)
  }

  has(kind: ConsentKind): boolean {
    return this.#given.get(kind) === true
  }

  answer(consent: Consent, inviteId?: InviteId): void {
    this.#log.write({ type: 'consent.given', ...(inviteId && { inviteId }), consent })
    this.#given.set(consent.kind, consent.given)
    this.#changed()
  }

  /** What was not given cannot be taken back. */
  withdraw(by: ParticipantId, kind: ConsentKind): void {
    if (!this.has(kind)) return
    this.#log.write({ type: 'consent.withdrawn', by, kind })
    this.#given.set(kind, false)
    this.#changed()
  }

  /** @throws AppError `forbidden` */
  require(kind: ConsentKind): void {
    if (!this.has(kind)) throw new AppError('forbidden', `the caller has not agreed to this: ${kind}`)
  }
}
