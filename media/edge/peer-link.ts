import type { RemoteInfo, Socket } from 'node:dgram'
import { type Endpoint, plainAddress } from './address.ts'
import { Latch, type LatchRank } from './latch.ts'
import type { PortPair } from './port-pool.ts'
import type { RemoteVoice } from './remote-voice.ts'
import { isRtcp, isRtp } from './rtp-packet.ts'

export type LinkStats = { refused: number; malformed: number; sendErrors: number }

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
  #stats: LinkStats = { refused: 0, malformed: 0, sendErrors: 0 }

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
    this.#latch = new Latch({ signallingAddress: plainAddress(o.signallingAddress) })
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

  openWindow(): void {
    this.#latch.openWindow(this.#nowMs())
  }

  sendRtp(packet: Buffer): boolean {
    return this.#send(this.#pair.rtp, packet, this.#latch.destination)
  }

  sendRtcp(packet: Buffer): boolean {
    if (this.#mux) return this.sendRtp(packet)
    return this.#send(this.#pair.rtcp, packet, this.#heardRtcp ?? this.#guessRtcp())
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

  #send(socket: Socket, packet: Buffer, to: Endpoint | undefined): boolean {
    if (this.#closed || to === undefined) return false
    socket.send(packet, to.port, to.address)
    return true
  }

  readonly #rtpArrived = (packet: Buffer, from: RemoteInfo): void => {
    if (isRtcp(packet)) {
      if (this.#mux) this.#rtcpArrived(packet, from)
      else this.#stats.malformed++
      return
    }
    if (!isRtp(packet)) {
      this.#stats.malformed++
      return
    }
    const before = this.#latch.rank
    const wasGoingTo = this.#latch.destination
    const address = plainAddress(from.address)
    if (!this.#latch.accepts(packet, address, from.port, this.#isPlausible, this.#nowMs())) return
    const { rank, destination } = this.#latch
    if (rank !== undefined && rank !== before) {
      const moved = destination?.address !== wasGoingTo?.address || destination?.port !== wasGoingTo?.port
      this.#onLatched(rank, moved)
    }
    this.#onRtp(packet)
  }

  readonly #rtcpArrived = (packet: Buffer, from: RemoteInfo): void => {
    if (!isRtcp(packet)) {
      this.#stats.malformed++
      return
    }
    const address = plainAddress(from.address)
    const announced = this.#announcedRtcp
    const exact = announced?.address === address && announced.port === from.port
    if (!exact && this.#latch.destination?.address !== address) {
      this.#stats.refused++
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
