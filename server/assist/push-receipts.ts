import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Page } from '../../signaling/protocol/page.ts'
import type { Stage, StagePage } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'

/** A person does not look back and forth more often; a page gone wrong must not fill the journal. */
const MAX_LOOKS = 2_000

type Looked = Exclude<Stage['callerLooksAt'], undefined>
type StageOfCall = { readonly stage: Stage; page(id: PageId): StagePage }

/** What the phone says about pages: arrived, seen, copied, and what is before the caller's eyes. Each is told once. */
export class PushReceipts {
  readonly #log: CallLog
  readonly #stage: StageOfCall
  #looks = 0

  constructor(log: CallLog, stage: StageOfCall) {
    this.#log = log
    this.#stage = stage
  }

  /** The picture is decoded, or the card is laid out. @throws AppError `not-found` */
  loaded(by: ParticipantId, pageId: PageId): void {
    if (!this.#stage.page(pageId).phone.loaded) this.#log.write({ type: 'page.loaded', by, pageId })
  }

  /** It stood before the caller long enough to be noticed. @throws AppError `not-found` */
  seen(by: ParticipantId, pageId: PageId): void {
    if (!this.#stage.page(pageId).phone.seen) this.#log.write({ type: 'page.seen', by, pageId })
  }

  /** @throws AppError `not-found`, `bad-request` for a row that cannot be copied */
  copied(by: ParticipantId, pageId: PageId, row: number): void {
    const { page, phone } = this.#stage.page(pageId)
    if (!canCopy(page, row)) throw new AppError('bad-request', 'there is nothing to copy in this row')
    if (!phone.copied.includes(row)) this.#log.write({ type: 'page.copied', by, pageId, row })
  }

  /** @throws AppError `not-found`, `too-many` */
  look(by: ParticipantId, at: Looked): void {
    if (at !== 'live' && at !== 'share' && at !== 'away') this.#stage.page(at)
    if (this.#stage.stage.callerLooksAt === at) return
    if (this.#looks >= MAX_LOOKS) throw new AppError('too-many', 'too many changes of what is looked at')
    this.#looks++
    this.#log.write({ type: 'caller.looked', by, at })
  }

  /** The phone's socket closed: nobody knows what it shows. Nothing is written when it never said. */
  lost(by: ParticipantId): void {
    const at = this.#stage.stage.callerLooksAt
    if (at !== undefined && at !== 'away') this.#log.write({ type: 'caller.looked', by, at: 'away' })
  }
}

/** Of a link card, row 0 is its address (copied) and row 1 its opening by the caller's own tap. */
function canCopy(page: Page, row: number): boolean {
  if (page.kind !== 'card') return false
  if (page.card.kind === 'link') return row === 0 || row === 1
  return page.card.rows[row]?.copy === true
}
