import { type Endpoint, isPrivateAddress } from './address.ts'
import type { FormerPeer } from './port-pool.ts'
import { payloadTypeOf, sequenceDelta, sequenceOf, ssrcOf } from './rtp-packet.ts'

/** How long after an offer/answer exchange another source may be learned. */
export const LATCH_WINDOW_MS = 3000
const PACKETS_TO_LATCH = 2
const MAX_CANDIDATES = 4
/** While the learned source speaks, only a better one may take its place. */
const ALIVE_MS = 300

/** How good a source is, best first; `stranger` only counts when the SDP address cannot be reached. */
const RANKS = ['as-announced', 'announced-address', 'signalling-address', 'stranger'] as const
export type LatchRank = (typeof RANKS)[number]

type Candidate = { address: string; port: number; ssrc: number; sequence: number; packets: number }

/**
 * Decides whose packets belong to the call, and so where ours go.
 *
 * Starts from the address in the SDP. Within `LATCH_WINDOW_MS` after each offer/answer another source may be learned
 * when the SDP address is private (its owner sits behind NAT) or the source has the address the signalling came from.
 * It takes two packets in a row that could be voice, a better source beats a worse one, and then the latch is locked
 * until the next exchange. As long as nobody at all has been heard, the signalling address itself may also come
 * late (a caller that keeps silent at first). Everybody else is refused and counted: first-packet-wins is how
 * strangers get into calls.
 */
export class Latch {
  readonly #signallingAddress: string
  readonly #former: FormerPeer | undefined
  #announced: Endpoint | undefined
  #current: Endpoint | undefined
  /** Rank of the source heard since the last exchange; RANKS.length when none. */
  #heardRank: number = RANKS.length
  #everHeard = false
  /** When the present source was last heard. */
  #currentHeardMs = Number.NEGATIVE_INFINITY
  #windowEndsMs = Number.NEGATIVE_INFINITY
  #candidates: Candidate[] = []
  refused = 0

  /** `former`: who was heard on this port in the call before; it is never learned with that stream. */
  constructor(o: { signallingAddress: string; former?: FormerPeer | undefined }) {
    this.#signallingAddress = o.signallingAddress
    this.#former = o.former
  }

  /** Where our packets go. */
  get destination(): Endpoint | undefined {
    return this.#current
  }

  get rank(): LatchRank | undefined {
    return RANKS[this.#heardRank]
  }

  /** An offer/answer exchange named this media address: unlocks. An unchanged address keeps the learned source. */
  announce(announced: Endpoint, nowMs: number): void {
    if (this.isElsewhere(announced)) {
      this.#current = announced
      this.#currentHeardMs = Number.NEGATIVE_INFINITY
    }
    this.#announced = announced
    this.openWindow(nowMs)
  }

  /** Whether this is another address than the last one announced. */
  isElsewhere({ address, port }: Endpoint): boolean {
    return address !== this.#announced?.address || port !== this.#announced.port
  }

  /** Opens the window again without news from the SDP: the 200 OK leaves only now. */
  openWindow(nowMs: number): void {
    this.#heardRank = RANKS.length
    this.#windowEndsMs = nowMs + LATCH_WINDOW_MS
    this.#candidates = []
  }

  /** True when the packet belongs to the call. `plausible` says whether its payload type was negotiated. */
  accepts(packet: Buffer, address: string, port: number, plausible: (payloadType: number) => boolean, nowMs: number) {
    const current = this.#current
    if (current !== undefined && port === current.port && address === current.address) {
      if (this.#heardRank === RANKS.length && plausible(payloadTypeOf(packet))) {
        // The known source speaks first after the exchange: only a better one may still take over.
        if (this.#twoInARow(packet, address, port)) this.#lock(current)
      }
      this.#currentHeardMs = nowMs
      return true
    }
    if (
      this.#mayLearn(address, port, nowMs) &&
      !this.#bleeds(packet, address, port) &&
      plausible(payloadTypeOf(packet))
    ) {
      if (this.#twoInARow(packet, address, port)) {
        this.#lock({ address, port })
        this.#currentHeardMs = nowMs
        return true
      }
    }
    this.refused++
    return false
  }

  #lock(source: Endpoint): void {
    this.#current = source
    this.#heardRank = this.#rankOf(source.address, source.port)
    this.#everHeard = true
    this.#candidates = []
  }

  /**
   * RTP bleed: the former call's packets. Behind an SBC they come from the address of this call too. Its stream must be the
   * same: a telephone that calls again from its old port has a new one, and is welcome.
   */
  #bleeds(packet: Buffer, address: string, port: number): boolean {
    const former = this.#former
    return former?.ssrc === ssrcOf(packet) && former.port === port && former.address === address
  }

  #mayLearn(address: string, port: number, nowMs: number): boolean {
    const announced = this.#announced
    if (announced === undefined) return false
    const rank = this.#rankOf(address, port)
    if (rank >= this.#heardRank || rank >= this.#livingRank(nowMs)) return false
    const ofThePeer = address === this.#signallingAddress || rank === 0
    if (nowMs <= this.#windowEndsMs) return ofThePeer || isPrivateAddress(announced.address)
    return ofThePeer && !this.#everHeard
  }

  /** Of the source that is speaking, also right after an exchange: a refresh is no chance for strangers. */
  #livingRank(nowMs: number): number {
    const current = this.#current
    if (current === undefined || nowMs - this.#currentHeardMs > ALIVE_MS) return RANKS.length
    return this.#rankOf(current.address, current.port)
  }

  #rankOf(address: string, port: number): number {
    if (address === this.#announced?.address) return port === this.#announced.port ? 0 : 1
    return address === this.#signallingAddress ? 2 : 3
  }

  #twoInARow(packet: Buffer, address: string, port: number): boolean {
    const ssrc = ssrcOf(packet)
    const sequence = sequenceOf(packet)
    const known = this.#candidates.find(c => c.port === port && c.address === address)
    if (known === undefined) {
      this.#candidates.push({ address, port, ssrc, sequence, packets: 1 })
      if (this.#candidates.length > MAX_CANDIDATES) this.#dropWorst()
      return false
    }
    const step = sequenceDelta(known.sequence, sequence)
    known.packets = known.ssrc === ssrc && step >= 1 && step <= 3 ? known.packets + 1 : 1
    known.ssrc = ssrc
    known.sequence = sequence
    return known.packets >= PACKETS_TO_LATCH
  }

  /** The oldest of the worst: however many strangers try, they do not crowd out the peer. */
  #dropWorst(): void {
    const ranks = this.#candidates.map(c => this.#rankOf(c.address, c.port))
    this.#candidates.splice(ranks.indexOf(Math.max(...ranks)), 1)
  }
}
