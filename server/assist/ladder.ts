import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import type { NotificationData } from '../../signaling/protocol/notifications.ts'
import type { NetworkMeasure, Rung } from '../../signaling/protocol/phone.ts'
import type { CallLog } from '../calls/call-log.ts'

export type Preference = NotificationData<'picture.prefer'>['rung']
export type RungReason = Extract<JournalEvent, { type: 'picture.rung' }>['because']

/** Two measurements closer than this change nothing for a person who reads them. */
const SHOW_EVERY_MS = 2_000

/** How the picture of one call travels: what the phone decided and measured, and what the agent wishes. */
export class Ladder {
  readonly #log: CallLog
  readonly #changed: () => void
  readonly #tellPhone: (rung: Preference) => void
  readonly #nowMs: () => number
  #rung: Rung = 'live'
  #network: NetworkMeasure | undefined
  #preference: Preference = 'auto'
  #shownAtMs = Number.NEGATIVE_INFINITY

  constructor(o: {
    log: CallLog
    changed: () => void
    tellPhone: (rung: Preference) => void
    nowMs?: () => number
  }) {
    this.#log = o.log
    this.#changed = o.changed
    this.#tellPhone = o.tellPhone
    this.#nowMs = o.nowMs ?? (() => performance.now())
  }

  get rung(): Rung {
    return this.#rung
  }
  get network(): NetworkMeasure | undefined {
    return this.#network
  }

  /** The phone has changed its way of sending; journalled. The same rung told again is a phone that came back: not news. */
  moved(by: ParticipantId, rung: Rung, because: RungReason, network: NetworkMeasure): void {
    this.#network = network
    if (rung !== this.#rung) {
      this.#rung = rung
      this.#log.write({ type: 'picture.rung', by, rung, because, network })
    }
    this.#show()
  }

  measured(network: NetworkMeasure): void {
    this.#network = network
    if (this.#nowMs() - this.#shownAtMs >= SHOW_EVERY_MS) this.#show()
  }

  prefer(rung: Preference): void {
    this.#preference = rung
    this.#tellPhone(rung)
  }

  /** A phone that came back knows nothing of the agent's wish. */
  retell(): void {
    if (this.#preference !== 'auto') this.#tellPhone(this.#preference)
  }

  #show(): void {
    this.#shownAtMs = this.#nowMs()
    this.#changed()
  }
}
