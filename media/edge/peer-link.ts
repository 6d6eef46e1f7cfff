import type { RemoteInfo, Socket } from 'node:dgram'
import { type Endpoint, plainAddress } from './address.ts'
import { Latch, type LatchRank } from './latch.ts'
import type { FormerPeer, PortPair } from './port-pool.ts'
import type { RemoteVoice } from './remote-voice.ts'
import { hasRtpHeader, isRtcp, isRtp, ssrcOf } from './rtp-packet.ts'
import type { CryptoLine } from './srtp/crypto-line.ts'
import { SrtpLink } from './srtp/srtp-link.ts'

export type LinkStats = {
  refused: number
  malformed: number
  sendErrors: number
  /** Packets that proved not to be the peer's, and such that came twice (SRTP). */
  unauthentic: number
  replayed: number
}

/** The two UDP sockets of a leg and the addresses behind them: only packets of the latched peer get through. */
export class PeerLink {
  readonly #pair: PortPair
  readonly #latch: Latch
  readonly #nowMs: () => number
  readonly #isPlausible: (payloadType: number) => boolean
  readonly #onRtp: (packet: Buffer) => void
  readonly #onRtcp: (packet: Buffer) => void
  readonly #onLatched: (rank: LatchRank, moved: boolean) => void
  #announcedRtcp: Endpoint | undefined
  #heardRtcp: Endpoint | undefined
  #mux = false
  #closed = false
  #srtp: SrtpLink | undefined
  #lastSsrc: number | undefined
  #stats: LinkStats = { refused: 0, malformed: 0, sendErrors: 0, unauthentic: 0, replayed: 0 }

  constructor(o: {
    pair: PortPair
    signallingAddress: string
    nowMs: () => number
    isPlausible: (payloadType: number) => boolean
    onRtp: (packet: Buffer) => void
    onRtcp: (packet: Buffer) => void
    /** The peer's source is certain now; `moved` when it is another one than before. */
    onLatched: (rank: LatchRank, moved: boolean) => void
  }) {
    this.#pair = o.pair
    this.#latch = new Latch({ signallingAddress: plainAddress(o.signallingAddress), former: o.pair.former })
    this.#nowMs = o.nowMs
    this.#isPlausible = o.isPlausible
    this.#onRtp = o.onRtp
    this.#onRtcp = o.onRtcp
    this.#onLatched = o.onLatched
    o.pair.rtp.on('message', this.#rtpArrived).on('error', this.#failed)
    o.pair.rtcp.on('message', this.#rtcpArrived).on('error', this.#failed)
  }

  get latch(): Pick<Latch, 'destination' | 'rank'> {
    return this.#latch
  }

  /** Who was heard last, for whoever gets these ports next. */
  get last(): FormerPeer | undefined {
    const { destination } = this.#latch
    return destination && this.#lastSsrc !== undefined ? { ...destination, ssrc: this.#lastSsrc } : undefined
  }

  stats(): LinkStats {
    return { ...this.#stats, refused: this.#stats.refused + this.#latch.refused }
  }

  /** Takes the peer's addresses from an offer or answer. */
  announce(remote: RemoteVoice): void {
    this.#mux = remote.rtcpMux
    if (remote.rtcp !== undefined) {
      const old = this.#announcedRtcp
      if (old?.address !== remote.rtcp.address || old.port !== remote.rtcp.port) this.#heardRtcp = undefined
      this.#announcedRtcp = remote.rtcp
    }
    if (remote.rtp !== undefined) this.#latch.announce(remote.rtp, this.#nowMs())
  }

  get isEncrypted(): boolean {
    return this.#srtp !== undefined
  }

  /**
   * The keys after an exchange: from now on everything is encrypted, or, when either is missing, nothing. To be called before
   * `announce`. True when our stream has to go on under another SSRC, or whoever gets it now could not read it.
   */
  encrypt(ours: CryptoLine | undefined, { crypto: theirs, rtp }: Pick<RemoteVoice, 'crypto' | 'rtp'>): boolean {
    const srtp = this.#srtp
    if (ours === undefined || theirs === undefined) {
      this.#srtp = undefined
      return false
    }
    if (srtp === undefined) {
      this.#srtp = new SrtpLink(ours, theirs)
      return false
    }
    const anew = srtp.wantsNewStream(ours, theirs, rtp !== undefined && this.#latch.isElsewhere(rtp))
    srtp.rekey(ours, theirs, this.#nowMs())
    return anew
  }

  openWindow(): void {
    this.#latch.openWindow(this.#nowMs())
  }

  sendRtp(packet: Buffer): boolean {
    const to = this.#latch.destination
    if (this.#closed || to === undefined) return false
    return this.#send(this.#pair.rtp, this.#srtp?.sender.rtp(packet) ?? packet, to)
  }

  sendRtcp(packet: Buffer): boolean {
    const socket = this.#mux ? this.#pair.rtp : this.#pair.rtcp
    const to = this.#mux ? this.#latch.destination : (this.#heardRtcp ?? this.#guessRtcp())
    if (this.#closed || to === undefined) return false
    return this.#send(socket, this.#srtp?.sender.rtcp(packet) ?? packet, to)
  }

  close(): void {
    this.#closed = true
    this.#pair.rtp.off('message', this.#rtpArrived)
    this.#pair.rtcp.off('message', this.#rtcpArrived)
  }

  #guessRtcp(): Endpoint | undefined {
    const rank = this.#latch.rank
    const rtp = this.#latch.destination
    if (rank === undefined || rank === 'as-announced' || rtp === undefined) return this.#announcedRtcp
    return { address: rtp.address, port: Math.min(rtp.port + 1, 65_535) }
  }

  #send(socket: Socket, packet: Buffer, to: Endpoint): boolean {
    socket.send(packet, to.port, to.address)
    return true
  }

  /** Before anything is learned of a packet it has to prove itself; the plain packet, when it did. */
  #open(kind: 'rtp' | 'rtcp', packet: Buffer): Buffer | undefined {
    if (this.#srtp === undefined) return packet
    const opened = this.#srtp.receiver[kind](packet, this.#nowMs())
    if (opened !== 'unauthentic' && opened !== 'replayed') return opened
    this.#stats[opened]++
    this.#pair.refused[opened]++
    return undefined
  }

  #malformed(): void {
    this.#stats.malformed++
    this.#pair.refused.malformed++
  }

  readonly #rtpArrived = (wire: Buffer, from: RemoteInfo): void => {
    if (isRtcp(wire)) {
      if (this.#mux) this.#rtcpArrived(wire, from)
      else this.#malformed()
      return
    }
    if (!hasRtpHeader(wire)) {
      this.#malformed()
      return
    }
    const packet = this.#open('rtp', wire)
    if (packet === undefined) return
    if (!isRtp(packet)) {
      this.#malformed()
      return
    }
    const before = this.#latch.rank
    const wasGoingTo = this.#latch.destination
    const address = plainAddress(from.address)
    if (!this.#latch.accepts(packet, address, from.port, this.#isPlausible, this.#nowMs())) {
      this.#pair.refused.stranger++
      return
    }
    this.#lastSsrc = ssrcOf(packet)
    const { rank, destination } = this.#latch
    if (rank !== undefined && rank !== before) {
      const moved = destination?.address !== wasGoingTo?.address || destination?.port !== wasGoingTo?.port
      // Its reports come from elsewhere now as well.
      if (moved) this.#heardRtcp = undefined
      this.#onLatched(rank, moved)
    }
    this.#onRtp(packet)
  }

  readonly #rtcpArrived = (wire: Buffer, from: RemoteInfo): void => {
    if (!isRtcp(wire)) {
      this.#malformed()
      return
    }
    const packet = this.#open('rtcp', wire)
    if (packet === undefined) return
    const address = plainAddress(from.address)
    const announced = this.#announcedRtcp
    const exact = announced?.address === address && announced.port === from.port
    if (!exact && this.#latch.destination?.address !== address) {
      this.#stats.refused++
      this.#pair.refused.stranger++
      return
    }
    // Once voice has shown where the peer is, its RTCP port may be learned on that same address.
    if (exact || (this.#heardRtcp === undefined && this.#latch.rank !== undefined)) {
      this.#heardRtcp = { address, port: from.port }
    }
    this.#onRtcp(packet)
  }

  readonly #failed = (): void => {
    this.#stats.sendErrors++
  }
}
