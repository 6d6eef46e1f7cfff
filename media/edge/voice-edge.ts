import { DTMF_DEFAULT_MS, DtmfNotNegotiated, DtmfUnsent } from './dtmf-out.ts'
import { type FrameTicker, frameTicker } from './frame-ticker.ts'
import type { HoldMusic } from './hold-music.ts'
import { HoldState } from './hold-state.ts'
import { Inactivity } from './inactivity.ts'
import { IncomingVoice } from './incoming-voice.ts'
import type { LatchRank } from './latch.ts'
import { OutgoingVoice } from './outgoing-voice.ts'
import { PeerLink } from './peer-link.ts'
import type { PortPair, PortPool } from './port-pool.ts'
import type { SrtpMode } from './remote-voice.ts'
import { RtcpSession } from './rtcp-session.ts'
import { isRtp, payloadTypeOf } from './rtp-packet.ts'
import { CODECS, type Format, type VoiceCodec } from './voice-codec.ts'
import { VoiceListeners, type VoiceState, type VoiceTap } from './voice-listeners.ts'
import { type Exchange, VoiceSdp, wireFormats } from './voice-sdp.ts'

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
  /** Codecs that may be chosen, best first; the peer's order decides between the two laws of G.711. */
  codecs?: readonly VoiceCodec[]
  /** Encryption by SDES keys; `off` without it. */
  srtp?: SrtpMode
  /** What a peer hears while we hold; without it the tone. */
  holdMusic?: HoldMusic
}

/** The RTP endpoint of one SIP leg: our only speaker and listener towards the phone network. */
export class VoiceEdge {
  readonly #o: VoiceEdgeOptions
  readonly #pair: PortPair
  readonly #ticker: FrameTicker
  readonly #sdp: VoiceSdp
  readonly #link: PeerLink
  readonly #rtcp: RtcpSession
  readonly #incoming = new IncomingVoice()
  readonly #outgoing: OutgoingVoice
  readonly #holds = new HoldState()
  readonly #inactivity: Inactivity
  #exchange: Exchange | undefined
  #tone = false
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
    this.#sdp = new VoiceSdp({
      announcedAddress: o.announcedAddress,
      rtpPort: pair.rtpPort,
      ...(o.codecs && { codecs: o.codecs }),
      ...(o.srtp && { srtp: o.srtp }),
    })
    this.#outgoing = new OutgoingVoice({
      music: o.holdMusic,
      send: (packet, kind, source) => this.#send(packet, kind, source),
    })
    this.#inactivity = new Inactivity({ limitMs: o.inactivityMs, nowMs: o.nowMs() })
    this.#rtcp = new RtcpSession({
      ssrc: this.#outgoing.ssrc,
      timestampAt: nowMs => this.#outgoing.timestampAt(nowMs),
    })
    this.#link = new PeerLink({
      pair,
      signallingAddress: o.sipSourceAddress,
      nowMs: o.nowMs,
      isPlausible: type => this.#incoming.isKnown(type),
      onRtp: packet => this.#rtpArrived(packet),
      onRtcp: packet => this.#rtcpArrived(packet),
      onLatched: (rank, moved) => this.#latched(rank, moved),
    })
  }

  get rtpPort(): number {
    return this.#pair.rtpPort
  }

  /** The codec of the call as the browser speaks it; on the wire the other law of G.711 may stand. Throws before the first answer. */
  get codec(): VoiceCodec {
    const codec = this.#sdp.codec
    if (codec === undefined) throw new Error('no codec before the first answer')
    return codec
  }

  /** SSRC of the stream that `onVoice` gets. */
  get ssrc(): number {
    return this.#incoming.ssrc
  }

  /** What the payload types of voice mean on the wire now, in both directions. */
  get wireFormats(): readonly Format[] {
    return this.#exchange ? wireFormats(this.#exchange) : []
  }

  /** True when voice and reports are encrypted on the wire. */
  get encrypted(): boolean {
    return this.#link.isEncrypted
  }

  /** Who holds now. */
  get held(): { readonly byPeer: boolean; readonly byUs: boolean } {
    return { byPeer: this.#holds.peer !== undefined, byUs: this.#holds.us !== undefined }
  }

  /** Whether the last exchange that came to an end told the peer that we hold. */
  get toldHold(): boolean {
    return (this.#exchange?.wish ?? 'sendrecv') !== 'sendrecv'
  }

  /** True when keys can go as RFC 4733 events; else they are for SIP INFO. */
  get canSendDtmf(): boolean {
    return !this.#closed && this.#exchange?.remote.eventPayloadType !== undefined
  }

  /**
   * Answers an offer, of the INVITE or of any re-INVITE (RFC 3264): codec, hold, moved addresses.
   * Without an offer it makes ours; its answer then goes to `acceptAnswer`.
   * Throws SdpRefusal when nothing fits; the call goes on as it was.
   */
  answer(offerSdp: string | undefined): string {
    if (offerSdp === undefined || offerSdp.trim() === '') return this.#sdp.offer({ late: true })
    const { sdp } = this.#sdp.answer(offerSdp)
    this.#exchanged()
    return sdp
  }

  /**
   * An offer of ours, for an INVITE or re-INVITE, with what we want now. Its answer goes to `acceptAnswer`; when it was
   * refused, `abandonOffer` takes it back.
   */
  offer(): string {
    return this.#sdp.offer()
  }

  /** Takes the answer to our offer. Throws SdpRefusal; the call goes on as it was. */
  acceptAnswer(answerSdp: string): void {
    this.#sdp.accept(answerSdp)
    this.#exchanged()
  }

  /** Takes the answer of another branch of a forked call to the offer that one has answered already. Throws SdpRefusal. */
  acceptAnswerOfBranch(answerSdp: string): void {
    this.#sdp.acceptOfBranch(answerSdp)
    this.#exchanged()
  }

  /** Our offer was refused or never answered: what both sides last agreed on stands, our hold or its end included. */
  abandonOffer(): void {
    this.#sdp.abandon()
    this.#wishChanged()
  }

  /**
   * We hold, with something to hear (`sendonly`) or without (`inactive`), or no more (undefined). At once the agent is not
   * sent and the caller not handed on; the peer learns it by the next offer or answer.
   */
  holdByUs(direction: 'sendonly' | 'inactive' | undefined): void {
    this.#sdp.wish = direction ?? 'sendrecv'
    this.#wishChanged()
  }

  /**
   * Sends a key as RFC 4733 event, after those before it; resolves when its last packet has gone.
   * Rejects DtmfNotNegotiated when the peer has no telephone-event, DtmfUnsent when it cannot be sent (to its end),
   * RangeError for what is no key.
   */
  sendDtmf(digit: string, durationMs: number = DTMF_DEFAULT_MS): Promise<void> {
    if (!this.canSendDtmf) return Promise.reject(new DtmfNotNegotiated('the peer takes no telephone-event'))
    if (!this.#started || !this.#maySend()) return Promise.reject(new DtmfUnsent('the peer takes no media now'))
    return this.#outgoing.keys.push(digit, durationMs)
  }

  /** The caller's voice: fixed SSRC, one payload type, contiguous sequence, one timeline. */
  onVoice(sink: (rtp: Buffer) => void): void {
    this.#listeners.onVoice(sink)
  }

  /** undefined: nobody taps any more. */
  onTap(tap: VoiceTap | undefined): void {
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
    this.#tone = on
    this.#chooseSound()
  }

  /** RTP of the agent, in the codec of the call. Takes the place of silence and tone. */
  sendVoice(rtp: Buffer): void {
    if (this.#started && this.#holds.us === undefined && this.#maySend() && isRtp(rtp))
      this.#outgoing.agent(rtp, this.#o.nowMs())
  }

  stats() {
    const { reception, peer, packetsSent } = this.#rtcp
    return {
      ...this.#count,
      ...this.#link.stats(),
      packetsOut: packetsSent,
      lostIn: reception.lost,
      jitterInMs: reception.jitterMs,
      incoming: this.#incoming.stats,
      peer,
      latched: this.#link.latch.rank,
      held: this.#holds.isHeld,
      lost: this.#inactivity.lost,
    }
  }

  /** Says BYE by RTCP and gives the ports back to be drained. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#ticker.delete(this.#tick)
    this.#outgoing.keys.cancel('the call is over')
    if (this.#started) this.#sendRtcp(this.#rtcp.write(this.#o.nowMs(), true))
    this.#link.close()
    this.#o.ports.release(this.#pair, this.#link.last)
  }

  #exchanged(): void {
    const exchange = this.#sdp.agreed
    if (exchange === undefined) return
    const { local, remote, wish } = exchange
    const before = this.#exchange?.remote
    this.#exchange = exchange
    this.#incoming.listenFor(this.codec, exchange)
    this.#outgoing.speakAs(this.codec, remote, remote.eventPayloadType)
    this.#rtcp.clockRate = CODECS[this.codec].clockRate
    if (this.#link.encrypt(local.crypto[0], remote)) {
      this.#outgoing.renew()
      this.#rtcp.ssrc = this.#outgoing.ssrc
    }
    this.#link.announce(remote)
    if (before !== undefined && before.direction !== remote.direction) this.#restart()
    this.#listeners.formats(this.wireFormats)
    this.#holdsChanged(this.#holds.peerSaid(remote.direction, wish))
  }

  #wishChanged(): void {
    const changes = this.#holds.byUs(this.#sdp.wish)
    if (changes.length > 0) this.#restart()
    this.#chooseSound()
    this.#holdsChanged(changes)
  }

  #holdsChanged(changes: readonly VoiceState[]): void {
    const nowMs = this.#o.nowMs()
    if (this.#holds.isHeld) this.#inactivity.suspend()
    else this.#inactivity.resume(nowMs)
    if (!this.#maySend()) this.#outgoing.keys.cancel('the peer takes no media now')
    for (const change of changes) this.#listeners.state(change)
  }

  /** What was not sent or not handed on meanwhile is no loss. */
  #restart(): void {
    this.#incoming.restart()
    this.#outgoing.restart()
    this.#rtcp.reception.allowGap()
  }

  #chooseSound(): void {
    this.#outgoing.sound = this.#holds.us !== undefined ? 'music' : this.#tone ? 'tone' : 'silence'
  }

  #rtpArrived(packet: Buffer): void {
    const nowMs = this.#o.nowMs()
    this.#count.packetsIn++
    if (this.#inactivity.heard(nowMs)) this.#listeners.state({ kind: 'found' })
    this.#rtcp.reception.packet(packet, nowMs, !this.#incoming.isEvent(payloadTypeOf(packet)))
    this.#listeners.tapRtp('in', packet, 'voice')
    const heard = this.#incoming.read(packet, nowMs, { discard: this.#holds.us !== undefined })
    switch (heard.kind) {
      case 'voice':
        if (heard.packet === undefined) return
        this.#count.voiceIn++
        this.#listeners.voice(heard.packet)
        return
      case 'keys':
        for (const event of heard.events) this.#listeners.state({ kind: 'dtmf', ...event })
        return
      case 'unknown':
        this.#count.unknownIn++
        return
      case 'noise':
        return
    }
  }

  #rtcpArrived(packet: Buffer): void {
    const nowMs = this.#o.nowMs()
    this.#count.rtcpIn++
    this.#rtcp.read(packet, nowMs)
    // Reports alone are no voice: they only keep a peer alive that has said it sends none.
    if (this.#exchange?.remote.direction !== 'sendrecv' && this.#inactivity.heard(nowMs))
      this.#listeners.state({ kind: 'found' })
    this.#listeners.tapRtcp('in', packet)
  }

  #latched(rank: LatchRank, moved: boolean): void {
    if (moved) this.#incoming.restart()
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
    const direction = this.#exchange?.remote.direction
    return !this.#closed && this.#holds.us !== 'inactive' && (direction === 'sendrecv' || direction === 'recvonly')
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
