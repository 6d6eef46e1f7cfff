import { type DtmfEvent, DtmfIn } from './dtmf-in.ts'
import { type FrameTicker, frameTicker } from './frame-ticker.ts'
import { newStream } from './outgoing-voice.ts'
import { PeerLink } from './peer-link.ts'
import type { PortPair, PortPool } from './port-pool.ts'
import type { RemoteVoice } from './remote-voice.ts'
import { RtcpSession } from './rtcp-session.ts'
import { payloadTypeOf } from './rtp-packet.ts'
import type { CryptoLine } from './srtp/crypto-line.ts'
import { MasterKey } from './srtp/master-key.ts'
import { CODECS } from './voice-codec.ts'

const COMFORT_NOISE = 13
/** Reports are looked at every 25th tick (0.5 s). */
const HOUSEKEEPING_TICKS = 25

export type ReceiverTap = {
  rtp(packet: Buffer): void
  /** A key of whoever speaks here; told right after the packet that tells of it. */
  key(event: DtmfEvent): void
  rtcp(direction: 'in' | 'out', packet: Buffer): void
}

type Options = {
  readonly ports: PortPool
  readonly listenAddress: string
  /** Where the INVITE came from. */
  readonly sipSourceAddress: string
  /** Monotonic milliseconds. */
  nowMs(): number
  readonly tap: ReceiverTap
  readonly ticker?: FrameTicker
}

/** Listens to one stream of a recording client, latched like any other voice; says nothing but receiver reports. */
export class VoiceReceiver {
  readonly #o: Options
  readonly #pair: PortPair
  readonly #link: PeerLink
  readonly #rtcp: RtcpSession
  readonly #keys = new DtmfIn()
  readonly #ticker: FrameTicker
  #remote: RemoteVoice | undefined
  #crypto: CryptoLine | undefined
  #packets = 0
  #ticks = 0
  #closed = false

  /** Binds an RTP/RTCP port pair. @throws PortsExhausted */
  static async create(o: Options): Promise<VoiceReceiver> {
    return new VoiceReceiver(o, await o.ports.open(o.listenAddress))
  }

  private constructor(o: Options, pair: PortPair) {
    this.#o = o
    this.#pair = pair
    this.#ticker = o.ticker ?? frameTicker
    this.#rtcp = new RtcpSession({ ssrc: newStream().ssrc, timestampAt: () => 0 })
    this.#rtcp.schedule(o.nowMs())
    this.#link = new PeerLink({
      pair,
      signallingAddress: o.sipSourceAddress,
      nowMs: o.nowMs,
      isPlausible: type => this.#isKnown(type),
      onRtp: packet => this.#arrived(packet),
      onRtcp: packet => {
        this.#rtcp.read(packet, this.#o.nowMs())
        this.#o.tap.rtcp('in', packet)
      },
      onLatched: () => {},
    })
    this.#ticker.add(this.#tick)
  }

  get port(): number {
    return this.#pair.rtpPort
  }
  /** Our key of an encrypted stream, for the answer. */
  get crypto(): CryptoLine | undefined {
    return this.#crypto
  }
  get packets(): number {
    return this.#packets
  }
  get lost(): number {
    return this.#rtcp.reception.lost
  }

  /** What the client offers for this stream, now or anew. */
  listen(remote: RemoteVoice): void {
    this.#remote = remote
    this.#rtcp.clockRate = CODECS[remote.codec].clockRate
    this.#keys.ticksPerMs = CODECS[remote.codec].clockRate / 1000
    this.#encrypt(remote)
    this.#link.announce(remote)
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ticker.delete(this.#tick)
    if (this.#packets > 0) this.#report(true)
    this.#link.close()
    this.#o.ports.release(this.#pair, this.#link.last)
  }

  /** A new key of the client opens what comes from now on; ours stands as long as the suite does. */
  #encrypt(remote: RemoteVoice): void {
    const { crypto } = remote
    const before = this.#crypto?.key
    this.#crypto = crypto && {
      tag: crypto.tag,
      key: before?.suite === crypto.key.suite ? before : MasterKey.random(crypto.key.suite),
    }
    this.#link.encrypt(this.#crypto, remote)
  }

  #isKnown(payloadType: number): boolean {
    const remote = this.#remote
    if (remote === undefined) return false
    const { formats, eventPayloadType } = remote
    if (payloadType === eventPayloadType || payloadType === COMFORT_NOISE) return true
    return formats.some(format => format.payloadType === payloadType)
  }

  #arrived(packet: Buffer): void {
    const payloadType = payloadTypeOf(packet)
    if (!this.#isKnown(payloadType)) return
    this.#packets++
    this.#rtcp.reception.packet(packet, this.#o.nowMs(), payloadType !== this.#remote?.eventPayloadType)
    this.#o.tap.rtp(packet)
    if (payloadType !== this.#remote?.eventPayloadType) return
    for (const event of this.#keys.read(packet)) this.#o.tap.key(event)
  }

  readonly #tick = (): void => {
    if (++this.#ticks % HOUSEKEEPING_TICKS !== 0 || this.#packets === 0) return
    const report = this.#rtcp.due(this.#o.nowMs())
    if (report !== undefined && this.#link.sendRtcp(report)) this.#o.tap.rtcp('out', report)
  }

  #report(bye: boolean): void {
    const report = this.#rtcp.write(this.#o.nowMs(), bye)
    if (this.#link.sendRtcp(report)) this.#o.tap.rtcp('out', report)
  }
}
