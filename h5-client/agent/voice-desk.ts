import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Consultation, DialKey } from '../../signaling/protocol/voice.ts'
import type { AssistWire } from './assist-desk.ts'
import type { Microphone } from './microphone.ts'
import type { Task } from './task-board.ts'

/** An offer of ours is answered by the far end within SIP's own time (32 s), glare included. */
const OFFER_TIMEOUT_MS = 40_000
/** A key is answered when it has gone out, after those before it. */
const KEY_TIMEOUT_MS = 20_000

type VoiceWire = AssistWire & {
  /** The call this page is in, while it is not over. */
  readonly callId: () => CallId | undefined
  readonly fail: (task: Task, error: unknown) => void
}

/** What the agent does with the voice of the call: the server decides, and its view says what has come of it. */
export class VoiceDesk {
  readonly #wire: VoiceWire
  readonly #microphone: Microphone
  #followed: CallId | undefined
  /** What was pressed last, while the server has not confirmed it. */
  #wish: boolean | undefined

  constructor(wire: VoiceWire, microphone: Microphone) {
    this.#wire = wire
    this.#microphone = microphone
  }

  hold(): Promise<void> {
    return this.#wire.onCall('hold', callId => this.#wire.request('voice.hold', { callId }, OFFER_TIMEOUT_MS))
  }

  retrieve(): Promise<void> {
    return this.#wire.onCall('retrieve', callId => this.#wire.request('voice.retrieve', { callId }, OFFER_TIMEOUT_MS))
  }

  /** Here at once, in the browser; the server keeps it, through a reload and in the record. The last press counts. */
  mute(on: boolean): void {
    this.#microphone.setMuted(on)
    this.#tellMute(on)
  }

  /** Keys may be pressed faster than they go out; the server sends them one after the other. */
  key(digit: DialKey): void {
    const callId = this.#wire.callId()
    if (!callId) return
    this.#wire.request('voice.key', { callId, digit }, KEY_TIMEOUT_MS).catch(error => this.#wire.fail('key', error))
  }

  transfer(to: string): Promise<void> {
    return this.#wire.onCall('transfer', callId => this.#wire.request('voice.transfer', { callId, to }))
  }

  consult(to: string): Promise<void> {
    return this.#wire.onCall('consult', callId => this.#wire.request('voice.consult', { callId, to }, OFFER_TIMEOUT_MS))
  }

  speakTo(who: Consultation['speaking']): Promise<void> {
    return this.#wire.onCall('speak-to', callId =>
      this.#wire.request('voice.speakTo', { callId, who }, OFFER_TIMEOUT_MS),
    )
  }

  connect(): Promise<void> {
    return this.#wire.onCall('connect', callId => this.#wire.request('voice.connect', { callId }))
  }

  cancelConsult(): Promise<void> {
    return this.#wire.onCall('cancel-consult', callId =>
      this.#wire.request('voice.cancelConsult', { callId }, OFFER_TIMEOUT_MS),
    )
  }

  /**
   * The server's word on the microphone is the truth: a page that was loaded anew is muted if it was before. Only a mute
   * from before the answer, when there was nobody to tell, is told now.
   */
  follow(view: CallView | undefined): void {
    const control = view?.control
    if (!view || !control) {
      if (!view) this.#followed = undefined
      return
    }
    const first = this.#followed !== view.callId
    this.#followed = view.callId
    if (this.#wish !== undefined) return
    const microphone = this.#microphone.state.get()
    if (first && !control.muted && microphone.kind === 'ready' && microphone.muted) this.#tellMute(true)
    else if (microphone.kind !== 'ready' || microphone.muted !== control.muted) this.#microphone.setMuted(control.muted)
  }

  #tellMute(on: boolean): void {
    // Not answered yet: there is nobody to tell, and `follow` will.
    if (this.#followed === undefined) return
    const told = this.#wish !== undefined
    this.#wish = on
    if (told) return
    void this.#wire
      .onCall('mute', callId => this.#tellWishes(callId))
      .finally(() => {
        this.#wish = undefined
      })
  }

  async #tellWishes(callId: CallId): Promise<void> {
    for (let told: boolean | undefined; told !== this.#wish && this.#wish !== undefined; ) {
      told = this.#wish
      try {
        await this.#wire.request('voice.mute', { callId, on: told })
      } catch (error) {
        // Not switched there, so not here either: what is shown is what is.
        this.#microphone.setMuted(!told)
        throw error
      }
    }
  }
}
