import type { PageId } from '../../signaling/protocol/ids.ts'
import type { AssistWire } from './assist-desk.ts'

/** Without video the page waits for the phone's photo, for which the server gives it 30 s. */
const FREEZE_TIMEOUT_MS = 35_000

/** What comes onto the stage of the call this page is in. */
export class StageDesk {
  readonly #wire: AssistWire
  #aim: PageId | undefined

  constructor(wire: AssistWire) {
    this.#wire = wire
  }

  /** The page the stage is on its way to, while it is. */
  get aim(): PageId | undefined {
    return this.#aim
  }

  freeze(): Promise<void> {
    return this.#wire.onCall('freeze', callId => this.#wire.request('stage.freeze', { callId }, FREEZE_TIMEOUT_MS))
  }

  /** Asked again before the answer, it goes on to the newest wish: keys are quicker than networks. */
  showPage(pageId: PageId): Promise<void> {
    this.#aim = pageId
    return this.#wire.onCall('page', async callId => {
      let shown: PageId | undefined
      try {
        while (this.#aim !== undefined && this.#aim !== shown) {
          shown = this.#aim
          await this.#wire.request('stage.page', { callId, pageId: shown })
        }
      } finally {
        this.#aim = undefined
      }
    })
  }

  showLive(): Promise<void> {
    return this.#wire.onCall('live', callId => this.#wire.request('stage.live', { callId }))
  }
}
