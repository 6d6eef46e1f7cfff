import { DtmfIn } from './dtmf-in.ts'
import { type FrameTicker, frameTicker } from './frame-ticker.ts'
import { PAYLOAD_TYPE, type VoiceCodec } from './g711.ts'
import { Inactivity } from './inactivity.ts'
import type { LatchRank } from './latch.ts'
import { newStream, OutgoingVoice } from './outgoing-voice.ts'
import { PeerLink } from './peer-link.ts'
import type { PortPair, PortPool } from './port-pool.ts'
import type { RemoteVoice } from './remote-voice.ts'
import { RtcpSession } from './rtcp-session.ts'
import { isRtp, payloadTypeOf } from './rtp-packet.ts'
import { VoiceListeners, type VoiceState, type VoiceTap } from './voice-listeners.ts'
import { VoiceSdp } from './voice-sdp.ts'

const COMFORT_NOISE = 13
/** RTCP and the watchdog are looked at every 25th tick (0.5 s). */
const HOUSEKEEPING_TICKS = 25

type EdgeLogger = { debug(fields: object, message: string): void; warn(fields: object, message: string): void }

type VoiceEdgeOptions = {
  ports: PortPool
  /** Address the sockets are bound to. */
  listenAddress: string
  /** Address written into our SDP. */
  announcedAddress: string
  /** Where the INVITE came from. */
  sipSourceAddress: string
  logger: EdgeLogger
  /** How long the caller's media may be missing before `lost` is told. */
  inactivityMs: number
  /** Monotonic milliseconds. */
  nowMs(): number
  ticker?: FrameTicker
}

/** The RTP endpoint of one SIP leg: our only speaker and listener towards the phone network. */
export class VoiceEdge {
  readonly #o: VoiceEdgeOptions
  readonly #pair: PortPair
  readonly #ticker: FrameTicker
  readonly #sdp: VoiceSdp
  readonly #link: PeerLink
  readonly #rtcp: RtcpSession
  readonly #incoming = newStream()
  readonly #outgoing = new OutgoingVoice({ send: (packet, kind, source) => this.#send(packet, kind, source) })
  readonly #dtmf = new DtmfIn()
  readonly #inactivity: Inactivity
  #remote: RemoteVoice | undefined
  #started = false
  #closed = false
  #ticks = 0
  readonly #listeners = new VoiceListeners({ failed: error => this.#listenerFailed(error) })
  #count = { packetsIn: 0, voiceIn: 0, unknownIn: 0, rtcpIn: 0, voiceOut: 0, fillerOut: 0, listenerErrors: 0 }

  /** Binds an RTP/RTCP port pair. Throws PortsExhausted. */
  static async create(o: VoiceEdgeOptions): Promise<VoiceEdge> {
    return new VoiceEdge(o, await o.ports.open(o.listenAddress))
  }

  private constructor(o: VoiceEdgeOptions, pair: PortPair) {
    this.#o = o
    this.#pair = pair
    this.#ticker = o.ticker ?? frameTicker
    this.#sdp = new VoiceSdp({ announcedAddress: o.announcedAddress, rtpPort: pair.rtpPort })
    this.#inactivity = new Inactivity({ limitMs: o.inactivityMs, nowMs: o.nowMs() })
    this.#rtcp = new RtcpSession({
      ssrc: this.#outgoing.ssrc,
      timestampAt: nowMs => this.#outgoing.timestampAt(nowMs),
    })
    this.#link = new PeerLink({
      pair,
      signallingAddress: o.sipSourceAddress,
      nowMs: o.nowMs,
      isPlausible: type => this.#isKnown(type),
      onRtp: packet => this.#rtpArrived(packet),
      onRtcp: packet => this.#rtcpArrived(packet),
      onLatched: (rank, moved) => this.#latched(rank, moved),
    })
  }

  get rtpPort(): number {
    return this.#pair.rtpPort
  }

  /** The codec of the call. Throws before the first answer. */
  get codec(): VoiceCodec {
    const codec = this.#sdp.codec
    if (codec === undefined) throw new Error('no codec before the first answer')
    return codec
  }

  /** SSRC of the stream that `onVoice` gets. */
  get ssrc(): number {
    return this.#incoming.ssrc
  }

  /**
   * Answers an offer, of the INVITE or of any re-INVITE (RFC 3264): codec, hold, moved addresses.
   * Without an offer it makes ours; its answer then goes to `acceptAnswer`.
   * Throws SdpRefusal when nothing fits; the call goes on as it was.
   */
  answer(offerSdp: string | undefined): string {
    if (offerSdp === undefined || offerSdp.trim() === '') return this.#sdp.offer()
    const { sdp, remote } = this.#sdp.answer(offerSdp)
    this.#apply(remote)
    return sdp
  }

  /** Takes the answer to our offer. Throws SdpRefusal. */
  acceptAnswer(answerSdp: string): void {
    this.#apply(this.#sdp.accept(answerSdp))
  }

  /** The caller's voice: fixed SSRC, payload type 0 or 8, contiguous sequence, one timeline. */
  onVoice(sink: (rtp: Buffer) => void): void {
    this.#listeners.onVoice(sink)
  }

  onTap(tap: VoiceTap): void {
    this.#listeners.onTap(tap)
  }

  onState(tell: (state: VoiceState) => void): void {
    this.#listeners.onState(tell)
  }

  /** From the 200 OK on: silence or tone whenever the agent is not heard, RTCP, and the watchdog. */
  startSilence(): void {
    if (this.#started || this.#closed) return
    this.#started = true
    const nowMs = this.#o.nowMs()
    this.#link.openWindow()
    this.#inactivity.heard(nowMs)
    this.#rtcp.schedule(nowMs)
    this.#ticker.add(this.#tick)
    if (this.#maySend()) this.#outgoing.tick(nowMs)
  }

  /** The agent is away: the caller hears a soft tone now and then instead of nothing. */
  holdTone(on: boolean): void {
    this.#outgoing.tone = on
  }

  /** RTP of the agent, in the codec of the call. Takes the place of silence and tone. */
  sendVoice(rtp: Buffer): void {
    if (this.#started && this.#maySend() && isRtp(rtp)) this.#outgoing.agent(rtp, this.#o.nowMs())
  }

  stats() {
    const { reception, peer, packetsSent } = this.#rtcp
    return {
      ...this.#count,
      ...this.#link.stats(),
      packetsOut: packetsSent,
      lostIn: reception.lost,
      jitterInMs: reception.jitterMs,
      incoming: { ...this.#incoming.stats },
      peer,
      latched: this.#link.latch.rank,
      held: this.#remote !== undefined && this.#remote.direction !== 'sendrecv',
      lost: this.#inactivity.lost,
    }
  }

  /** Says BYE by RTCP and gives the ports back to be drained. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#ticker.delete(this.#tick)
    if (this.#started) this.#sendRtcp(this.#rtcp.write(this.#o.nowMs(), true))
    this.#link.close()
    this.#o.ports.release(this.#pair)
  }

  #apply(remote: RemoteVoice): void {
    const before = this.#remote
    this.#remote = remote
    this.#incoming.payloadType = PAYLOAD_TYPE[remote.codec]
    this.#outgoing.speakAs(remote)
    this.#link.announce(remote)
    if (before !== undefined && before.direction !== remote.direction) {
      this.#incoming.restart()
      this.#outgoing.restart()
    }
    const wasHeld = before !== undefined && before.direction !== 'sendrecv'
    if (remote.direction !== 'sendrecv') {
      this.#inactivity.suspend()
      if (before?.direction !== remote.direction) this.#listeners.state({ kind: 'held', direction: remote.direction })
    } else if (wasHeld) {
      this.#inactivity.resume(this.#o.nowMs())
      this.#listeners.state({ kind: 'retrieved' })
    }
  }

  #isKnown(payloadType: number): boolean {
    const remote = this.#remote
    if (remote === undefined) return false
    return (
      payloadType === remote.payloadType || payloadType === remote.eventPayloadType || payloadType === COMFORT_NOISE
    )
  }

  #rtpArrived(packet: Buffer): void {
    const nowMs = this.#o.nowMs()
    const remote = this.#remote
    const payloadType = payloadTypeOf(packet)
    const isEvent = payloadType === remote?.eventPayloadType
    this.#count.packetsIn++
    if (this.#inactivity.heard(nowMs)) this.#listeners.state({ kind: 'found' })
    this.#rtcp.reception.packet(packet, nowMs, !isEvent)
    this.#listeners.tapRtp('in', packet, 'voice')
    if (payloadType === remote?.payloadType) {
      const voice = this.#incoming.voice(packet, nowMs)
      if (voice === undefined) return
      this.#count.voiceIn++
      this.#listeners.voice(voice)
      return
    }
    this.#incoming.skip(packet, nowMs)
    if (isEvent) for (const event of this.#dtmf.read(packet)) this.#listeners.state({ kind: 'dtmf', ...event })
    else if (payloadType !== COMFORT_NOISE) this.#count.unknownIn++
  }

  #rtcpArrived(packet: Buffer): void {
    const nowMs = this.#o.nowMs()
    this.#count.rtcpIn++
    this.#rtcp.read(packet, nowMs)
    // Reports alone are no voice: they only keep a peer alive that has said it sends none.
    if (this.#remote?.direction !== 'sendrecv' && this.#inactivity.heard(nowMs))
      this.#listeners.state({ kind: 'found' })
    this.#listeners.tapRtcp('in', packet)
  }

  #latched(rank: LatchRank, moved: boolean): void {
    if (moved) {
      this.#incoming.restart()
      this.#dtmf.restart()
    }
    this.#listeners.state({ kind: 'latched', rank })
  }

  readonly #tick = (): void => {
    const nowMs = this.#o.nowMs()
    if (this.#maySend()) this.#outgoing.tick(nowMs)
    if (++this.#ticks % HOUSEKEEPING_TICKS !== 0) return
    const report = this.#rtcp.due(nowMs)
    if (report !== undefined) this.#sendRtcp(report)
    const silentForMs = this.#inactivity.silentForMs(nowMs)
    if (this.#inactivity.expired(nowMs)) this.#listeners.state({ kind: 'lost', silentForMs })
  }

  #maySend(): boolean {
    const direction = this.#remote?.direction
    return !this.#closed && (direction === 'sendrecv' || direction === 'recvonly')
  }

  #send(packet: Buffer, kind: 'voice' | 'filler', source?: Buffer): void {
    if (!this.#link.sendRtp(packet)) return
    if (kind === 'voice') this.#count.voiceOut++
    else this.#count.fillerOut++
    this.#rtcp.sent(packet)
    this.#listeners.tapRtp('out', packet, kind, source)
  }

  #sendRtcp(packet: Buffer): void {
    if (this.#link.sendRtcp(packet)) this.#listeners.tapRtcp('out', packet)
  }

  /** A failing listener never breaks the voice; one line per call is enough to find it. */
  #listenerFailed(error: unknown): void {
    if (this.#count.listenerErrors++ === 0) this.#o.logger.warn({ err: error }, 'a listener of the voice edge failed')
  }
}
