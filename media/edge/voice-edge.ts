import { randomInt } from 'node:crypto'
import { type DtmfEvent, DtmfIn } from './dtmf-in.ts'
import { Filler } from './filler.ts'
import { type FrameTicker, frameTicker } from './frame-ticker.ts'
import { PAYLOAD_TYPE, type VoiceCodec } from './g711.ts'
import { Inactivity } from './inactivity.ts'
import type { LatchRank } from './latch.ts'
import { PeerLink } from './peer-link.ts'
import type { PortPair, PortPool } from './port-pool.ts'
import type { Direction, RemoteVoice } from './remote-voice.ts'
import { RtcpSession } from './rtcp-session.ts'
import { isRtp, payloadTypeOf } from './rtp-packet.ts'
import { RtpRebase } from './rtp-rebase.ts'
import { VoiceSdp } from './voice-sdp.ts'

/** Silence begins when the agent has not been heard for this long: three missing frames. */
const AGENT_SILENT_MS = 60
const COMFORT_NOISE = 13
/** RTCP and the watchdog are looked at every 25th tick (0.5 s). */
const HOUSEKEEPING_TICKS = 25

type EdgeLogger = { debug(fields: object, message: string): void; warn(fields: object, message: string): void }

export type VoiceState =
  /** The peer does not do both directions now; `direction` as the peer says it. */
  | { kind: 'held'; direction: Exclude<Direction, 'sendrecv'> }
  | { kind: 'retrieved' }
  | { kind: 'lost'; silentForMs: number }
  | { kind: 'found' }
  | ({ kind: 'dtmf' } & DtmfEvent)
  | { kind: 'latched'; rank: LatchRank }

/** Archive tap. Packets are never written to afterwards, so the tap may keep them. */
export type VoiceTap = {
  rtp(direction: 'in' | 'out', packet: Buffer, kind: 'voice' | 'filler'): void
  rtcp(direction: 'in' | 'out', packet: Buffer): void
  event(event: VoiceState): void
}

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
  readonly #outgoing = newStream()
  readonly #dtmf = new DtmfIn()
  readonly #inactivity: Inactivity
  #remote: RemoteVoice | undefined
  #filler: Filler | undefined
  #tone = false
  #started = false
  #closed = false
  #agentHeardMs = Number.NEGATIVE_INFINITY
  #ticks = 0
  #sink: (rtp: Buffer) => void = () => {}
  #tap: VoiceTap | undefined
  #tell: (state: VoiceState) => void = () => {}
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
      onMoved: () => this.#moved(),
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
    this.#sink = sink
  }

  onTap(tap: VoiceTap): void {
    this.#tap = tap
  }

  onState(tell: (state: VoiceState) => void): void {
    this.#tell = tell
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
    this.#fill(nowMs)
  }

  /** The agent is away: the caller hears a soft tone now and then instead of nothing. */
  holdTone(on: boolean): void {
    this.#tone = on
    if (this.#filler !== undefined) this.#filler.tone = on
  }

  /** RTP of the agent, in the codec of the call. Takes the place of silence and tone. */
  sendVoice(rtp: Buffer): void {
    if (!this.#started || !this.#maySend() || !isRtp(rtp)) return
    const nowMs = this.#o.nowMs()
    this.#agentHeardMs = nowMs
    const packet = this.#outgoing.voice(rtp, nowMs)
    if (packet === undefined) return
    this.#count.voiceOut++
    this.#send(packet, 'voice')
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
    this.#outgoing.payloadType = remote.payloadType
    this.#filler ??= new Filler(remote.codec)
    this.#filler.tone = this.#tone
    this.#link.announce(remote)
    const wasHeld = before !== undefined && before.direction !== 'sendrecv'
    if (remote.direction !== 'sendrecv') {
      this.#inactivity.suspend()
      if (before?.direction !== remote.direction) this.#emit({ kind: 'held', direction: remote.direction })
    } else if (wasHeld) {
      this.#incoming.restart()
      this.#inactivity.resume(this.#o.nowMs())
      this.#emit({ kind: 'retrieved' })
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
    if (this.#inactivity.heard(nowMs)) this.#emit({ kind: 'found' })
    this.#rtcp.reception.packet(packet, nowMs, !isEvent)
    this.#tapRtp('in', packet, 'voice')
    if (payloadType === remote?.payloadType) {
      const voice = this.#incoming.voice(packet, nowMs)
      if (voice === undefined) return
      this.#count.voiceIn++
      try {
        this.#sink(voice)
      } catch (error) {
        this.#listenerFailed(error)
      }
      return
    }
    this.#incoming.skip(packet, nowMs)
    if (isEvent) for (const event of this.#dtmf.read(packet)) this.#emit({ kind: 'dtmf', ...event })
    else if (payloadType !== COMFORT_NOISE) this.#count.unknownIn++
  }

  #rtcpArrived(packet: Buffer): void {
    const nowMs = this.#o.nowMs()
    this.#count.rtcpIn++
    this.#rtcp.read(packet, nowMs)
    // Reports alone are no voice: they only keep a peer alive that has said it sends none.
    if (this.#remote?.direction !== 'sendrecv' && this.#inactivity.heard(nowMs)) this.#emit({ kind: 'found' })
    try {
      this.#tap?.rtcp('in', packet)
    } catch (error) {
      this.#listenerFailed(error)
    }
  }

  #moved(): void {
    this.#incoming.restart()
    this.#dtmf.restart()
    const rank = this.#link.latch.rank
    if (rank !== undefined) this.#emit({ kind: 'latched', rank })
  }

  readonly #tick = (): void => {
    const nowMs = this.#o.nowMs()
    if (nowMs - this.#agentHeardMs >= AGENT_SILENT_MS) this.#fill(nowMs)
    if (++this.#ticks % HOUSEKEEPING_TICKS !== 0) return
    const report = this.#rtcp.due(nowMs)
    if (report !== undefined) this.#sendRtcp(report)
    const silentForMs = this.#inactivity.silentForMs(nowMs)
    if (this.#inactivity.expired(nowMs)) this.#emit({ kind: 'lost', silentForMs })
  }

  #fill(nowMs: number): void {
    if (this.#filler === undefined || !this.#maySend()) return
    this.#count.fillerOut++
    this.#send(this.#outgoing.frame(this.#filler.next(), nowMs), 'filler')
  }

  #maySend(): boolean {
    const direction = this.#remote?.direction
    return !this.#closed && (direction === 'sendrecv' || direction === 'recvonly')
  }

  #send(packet: Buffer, kind: 'voice' | 'filler'): void {
    if (!this.#link.sendRtp(packet)) return
    this.#rtcp.sent(packet)
    this.#tapRtp('out', packet, kind)
  }

  #sendRtcp(packet: Buffer): void {
    if (!this.#link.sendRtcp(packet)) return
    try {
      this.#tap?.rtcp('out', packet)
    } catch (error) {
      this.#listenerFailed(error)
    }
  }

  #tapRtp(direction: 'in' | 'out', packet: Buffer, kind: 'voice' | 'filler'): void {
    try {
      this.#tap?.rtp(direction, packet, kind)
    } catch (error) {
      this.#listenerFailed(error)
    }
  }

  #emit(state: VoiceState): void {
    try {
      this.#tap?.event(state)
      this.#tell(state)
    } catch (error) {
      this.#listenerFailed(error)
    }
  }

  /** A failing listener never breaks the voice; one line per call is enough to find it. */
  #listenerFailed(error: unknown): void {
    if (this.#count.listenerErrors++ === 0) this.#o.logger.warn({ err: error }, 'a listener of the voice edge failed')
  }
}

/** Random SSRC and origins (RFC 3550 section 5.1); the first sequence stays below 2^15 as RFC 3711 section 3.3.1 advises. */
function newStream(): RtpRebase {
  return new RtpRebase({
    ssrc: randomInt(1, 2 ** 32),
    payloadType: 0,
    firstSequence: randomInt(1, 2 ** 15),
    firstTimestamp: randomInt(0, 2 ** 32),
  })
}
