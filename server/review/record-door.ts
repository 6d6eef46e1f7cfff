import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId, type UserId } from '../../signaling/protocol/ids.ts'
import type { Right } from '../auth/rights.ts'
import { claimsOf, type RouteContext } from '../http/routes.ts'
import type { RecordGrants } from '../store/review/record-grants.ts'
import type { Archives } from './archives.ts'

/** How long a stated reason opens a record for one sign-in. */
const GRANT_MS = 8 * 3600 * 1000
export type Reviewer = {
  readonly id: UserId
  readonly name: string
  readonly rights: readonly Right[]
  readonly sid: string
}

/** The check before every look at a record: it exists, it may be processed, a reason was given. */
export class RecordDoor {
  readonly #o: { archives: Archives; grants: RecordGrants }
  constructor(o: { archives: Archives; grants: RecordGrants }) {
    this.#o = o
  }

  reviewer(context: RouteContext<unknown>): Reviewer {
    const { sub, name, rights, sid } = claimsOf(context)
    return { id: sub, name, rights, sid }
  }

  /** @throws AppError `not-found` for what is no id of a call */
  callId(context: RouteContext<unknown>): CallId {
    const parsed = CallId.safeParse(context.request.params.callId)
    if (!parsed.success) throw new AppError('not-found', 'no such record')
    return parsed.data
  }

  /** @throws AppError `not-found`; RecordRestricted when it may only be stored */
  async mayBeOpened(callId: CallId): Promise<void> {
    await this.#o.archives.call(callId)
  }

  /** A reason was given for this record. Resolves with the time until which it counts, ISO 8601. */
  grant(reviewer: Reviewer, callId: CallId): Promise<string> {
    return this.#o.grants.give({ sid: reviewer.sid, callId, userId: reviewer.id, forMs: GRANT_MS })
  }

  /** The record that is asked for, when this sign-in has it open. @throws AppError `forbidden`, `not-found` */
  async opened(context: RouteContext<unknown>): Promise<CallId> {
    const callId = this.callId(context)
    await this.assertOpened(context, callId)
    return callId
  }

  /** @throws AppError `forbidden`, `not-found` */
  async assertOpened(context: RouteContext<unknown>, callId: CallId): Promise<void> {
    if (!(await this.#o.grants.holds({ sid: this.reviewer(context).sid, callId })))
      throw new AppError('forbidden', 'open this record with a reason first')
    await this.mayBeOpened(callId)
  }
}
