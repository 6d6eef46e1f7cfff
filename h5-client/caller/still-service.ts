import type { NotificationData } from '../../signaling/protocol/notifications.ts'
import type { PhoneSignaling } from './phone-signaling.ts'
import type { StillSender } from './still-sender.ts'
import type { StillTaker } from './still-taker.ts'

type Wanted = NotificationData<'still.wanted'>
export type StillServiceOptions = {
  readonly signaling: PhoneSignaling
  readonly taker: Pick<StillTaker, 'take'>
  readonly sender: Pick<StillSender, 'send'>
  /** The running camera's track, while there is one. */
  readonly track: () => MediaStreamTrack | undefined
  readonly preview: () => HTMLVideoElement | undefined
  /** The caller is shown that a picture is taken. */
  readonly onTaken: (wanted: Wanted) => void
}

/** Answers the agent's shutter with the phone's own still, one after the other: two photos at once end in none. */
export class StillService {
  readonly #o: StillServiceOptions
  readonly #stop: () => void
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(o: StillServiceOptions) {
    this.#o = o
    this.#stop = o.signaling.on('still.wanted', wanted => {
      this.#last = this.#last.then(() => this.#answer(wanted))
    })
  }

  /** Resolves when everything asked for so far has been answered. */
  idle(): Promise<void> {
    return this.#last
  }

  close(): void {
    this.#closed = true
    this.#stop()
  }

  async #answer(wanted: Wanted): Promise<void> {
    if (this.#closed) return
    const { callId, pageId } = wanted
    try {
      const track = this.#o.track()
      if (track === undefined) throw new Error('the camera is off')
      this.#o.onTaken(wanted)
      const shot = await this.#o.taker.take(track, this.#o.preview())
      // Not awaited by the next shot: sending takes as long as the network likes.
      void this.#o.sender.send(callId, pageId, shot).catch((error: unknown) => this.#failed(wanted, error))
    } catch (error) {
      await this.#failed(wanted, error)
    }
  }

  async #failed({ pageId }: Wanted, error: unknown): Promise<void> {
    if (this.#closed) return
    const reason = (error instanceof Error ? error.message : 'unknown').slice(0, 120)
    await this.#o.signaling.request('still.failed', { pageId, reason }).catch(() => {
      // The server waits for no still for ever either.
    })
  }
}
