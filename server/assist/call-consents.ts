import type { Consent } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { InviteId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'

/** The browser in which an answer was tapped. */
export type ConsentDevice = { readonly userAgent: string; readonly idHash: string }
export type ConsentFacts = {
  readonly inviteId?: InviteId
  /** Who wrote it down. */
  readonly by?: ParticipantId
  readonly recordedBy?: 'caller' | 'agent'
}

/** Machines read in most kinds of call without being asked about; that too is the caller's to object to. */
const MAY_BE_OBJECTED_TO: readonly ConsentKind[] = ['analysis']

/** What the caller of one call has agreed to, each kind by itself, and each answer in the journal. */
export class CallConsents {
  readonly #log: CallLog
  readonly #changed: () => void
  readonly #given = new Map<ConsentKind, boolean>()
  #device: ConsentDevice | undefined

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

  /** Refused, or taken back; a kind that was never asked is not. */
  refused(kind: ConsentKind): boolean {
    return this.#given.get(kind) === false
  }

  /** The browser the caller sits at from now on. */
  at(device: ConsentDevice): void {
    this.#device = device
  }

  answer(consent: Consent, facts: ConsentFacts = {}): void {
    // Decided first: whoever hears of the entry finds it in force.
    this.#given.set(consent.kind, consent.given)
    const recordedBy = facts.recordedBy ?? 'caller'
    const device = recordedBy === 'caller' && this.#device
    this.#log.write({ type: 'consent.given', ...facts, recordedBy, consent, ...(device && { device }) })
    this.#changed()
  }

  /** What was not given cannot be taken back, except what is done without asking. In force when this returns. */
  withdraw(by: ParticipantId, kind: ConsentKind): void {
    if (!this.has(kind) && (this.refused(kind) || !MAY_BE_OBJECTED_TO.includes(kind))) return
    this.#given.set(kind, false)
    this.#log.write({ type: 'consent.withdrawn', by, kind })
    this.#changed()
  }

  /** @throws AppError `forbidden` */
  require(kind: ConsentKind): void {
    if (!this.has(kind)) throw new AppError('forbidden', `the caller has not agreed to this: ${kind}`)
  }

  /** @param asked whether the kind of call asks for it @throws AppError `forbidden` */
  requireAnalysis(asked: boolean): void {
    if (asked) this.require('analysis')
    else if (this.refused('analysis'))
      throw new AppError('forbidden', 'the caller does not want anything read by machines')
  }
}
