import type { Direction } from './remote-voice.ts'
import type { LocalWish } from './voice-sdp.ts'

type Held = Exclude<Direction, 'sendrecv'>
export type HoldChange =
  /** Somebody does not do both directions now; `direction` as that side says it. */
  { kind: 'held'; by: 'peer' | 'us'; direction: Held } | { kind: 'retrieved'; by: 'peer' | 'us' }

/** Who holds: the peer, we, or both. Each hold has its own beginning and end. */
export class HoldState {
  #peer: Held | undefined
  #us: Exclude<LocalWish, 'sendrecv'> | undefined

  get peer(): Held | undefined {
    return this.#peer
  }

  get us(): Exclude<LocalWish, 'sendrecv'> | undefined {
    return this.#us
  }

  get isHeld(): boolean {
    return this.#peer !== undefined || this.#us !== undefined
  }

  byUs(wish: LocalWish): HoldChange[] {
    const direction = wish === 'sendrecv' ? undefined : wish
    if (direction === this.#us) return []
    this.#us = direction
    return [direction === undefined ? { kind: 'retrieved', by: 'us' } : { kind: 'held', by: 'us', direction }]
  }

  /** `said` is the peer's direction in an exchange in which we wished `wish`. */
  peerSaid(said: Direction, wish: LocalWish): HoldChange[] {
    const direction = this.#peersOwn(said, wish)
    if (direction === this.#peer) return []
    this.#peer = direction
    return [direction === undefined ? { kind: 'retrieved', by: 'peer' } : { kind: 'held', by: 'peer', direction }]
  }

  /** What the peer adds to our own hold: that it only listens to our music is no hold of its own. */
  #peersOwn(said: Direction, wish: LocalWish): Held | undefined {
    if (said === 'sendrecv') return undefined
    if (wish === 'sendonly' && said === 'recvonly') return undefined
    // Two holds meet: an answer to ours cannot say sendonly, whatever the peer's own hold is.
    if (wish === 'sendonly' && said === 'inactive') return this.#peer ?? said
    // Nothing flows because we want it so: whether the peer holds as well cannot be seen.
    if (wish === 'inactive' && said !== 'sendonly') return this.#peer
    return said
  }
}
