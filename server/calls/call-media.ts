import { setTimeout as delay } from 'node:timers/promises'
import { newStream } from '../../media/edge/outgoing-voice.ts'
import type { RtpRebase } from '../../media/edge/rtp-rebase.ts'
import { CODECS } from '../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import { MediaRoom } from '../../media/room/media-room.ts'
import type { CallerVoice } from '../../media/room/voice-bridge.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { CallDeps } from './call-parts.ts'
import { VoiceElsewhere } from './call-voice.ts'
import { edgeOptions } from './edge-options.ts'
import { followOffers } from './follow-offers.ts'

/** 25 ms, doubled each time: about three seconds in all. */
const RETRY_MS = 25
const OPEN_RETRIES = 6

export type CallMediaEvents = {
  /** A packet of the agent's voice, by whatever it came: the agent can be heard. */
  agentVoice(): void
  /** The browser is heard while the agent speaks by a phone. */
  browserVoice(): void
  callerVoice(state: VoiceState): void
  /** A new room stands (the first one, or after the media worker died). */
  roomOpened(room: MediaRoom): void
  roomLost(): void
}

/** The media of one call: its room, and joined to it the RTP endpoint towards the caller, which survives the room. */
export class CallMedia {
  readonly #edge: VoiceEdge | undefined
  readonly #callId: CallId
  readonly #deps: CallDeps
  readonly #events: CallMediaEvents
  #room: MediaRoom | undefined
  #opening: Promise<MediaRoom> | undefined
  #callerVoice: CallerVoice | undefined
  #held = false
  #muted = false
  #away = false
  #parted = false
  #diverted: VoiceEdge | undefined
  #phone: VoiceEdge | undefined
  /** What the agent's browser hears as one stream, whoever speaks. */
  #ear: RtpRebase | undefined
  #closed = false
  #lastAgentVoiceMs = Number.NEGATIVE_INFINITY

  private constructor(callId: CallId, deps: CallDeps, edge: VoiceEdge | undefined, events: CallMediaEvents) {
    this.#callId = callId
    this.#deps = deps
    this.#edge = edge
    this.#events = events
  }

  /** Binds the RTP ports and answers the offer. @throws SdpRefusal, PortsExhausted, RoomError */
  static async open(o: {
    callId: CallId
    leg: CallLeg
    deps: CallDeps
    events: CallMediaEvents
  }): Promise<{ media: CallMedia; sdp: string }> {
    const edge = await VoiceEdge.create({ ...edgeOptions(o.deps), sipSourceAddress: o.leg.sourceAddress })
    const media = new CallMedia(o.callId, o.deps, edge, o.events)
    try {
      const sdp = edge.answer(o.leg.offerSdp)
      media.#listen(edge)
      followOffers({ ...o, edge })
      return { media, sdp }
    } catch (error) {
      await edge.close()
      throw error
    }
  }

  /** Binds the RTP ports for a call of ours. @throws PortsExhausted */
  static async forCallOut(o: { callId: CallId; deps: CallDeps; events: CallMediaEvents }): Promise<CallMedia> {
    const edge = await VoiceEdge.create(edgeOptions(o.deps))
    const media = new CallMedia(o.callId, o.deps, edge, o.events)
    media.#listen(edge)
    return media
  }

  /** The media of a call whose voice runs in another system: a room for the picture. */
  static withoutVoice(o: { callId: CallId; deps: CallDeps; events: CallMediaEvents }): CallMedia {
    return new CallMedia(o.callId, o.deps, undefined, o.events)
  }

  get carriesVoice(): boolean {
    return this.#edge !== undefined
  }
  /** @throws VoiceElsewhere */
  get edge(): VoiceEdge {
    if (!this.#edge) throw new VoiceElsewhere()
    return this.#edge
  }

  /** @throws RoomError `closed` between two rooms. */
  get room(): MediaRoom | undefined {
    return this.#room
  }

  /** Milliseconds since the agent was last heard; infinite before. */
  agentSilentMs(): number {
    // A phone may say nothing in pauses (VAD), and while it holds: its own watchdog knows when it is gone.
    if (this.#phone?.stats().lost === false) return 0
    return performance.now() - this.#lastAgentVoiceMs
  }

  /** The agent's microphone is off: what comes of it goes nowhere. The caller hears silence. */
  mute(on: boolean): void {
    this.#muted = on
  }

  /** The agent's page is gone: whoever the agent speaks with hears a soft tone now and then, no dead line. */
  agentAway(away: boolean): void {
    this.#away = away
    this.#edge?.holdTone(away)
    this.#diverted?.holdTone(away)
  }

  /**
   * The room, opened when there is none: at the answer, and again after a media worker died. All who ask meanwhile wait
   * for the same one. @throws RoomError when no worker comes up in time
   */
  readyRoom(): Promise<MediaRoom> {
    if (this.#room) return Promise.resolve(this.#room)
    this.#opening ??= this.#openPatiently().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** The pool may still hold the worker that is dying: asking again a little later finds its replacement. */
  async #openPatiently(): Promise<MediaRoom> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#openRoom()
      } catch (error) {
        if (this.#closed || attempt >= OPEN_RETRIES) throw error
        await delay(RETRY_MS * 2 ** attempt)
      }
    }
  }

  async #openRoom(): Promise<MediaRoom> {
    const room = await MediaRoom.create(this.#deps.workers, { callId: this.#callId, logger: this.#deps.logger })
    if (this.#closed) room.close()
    room.on('workerDied', () => {
      this.#room = undefined
      this.#callerVoice = undefined
      if (!this.#closed) this.#events.roomLost()
    })
    if (this.#edge) await this.#joinVoice(room, this.#edge)
    this.#room = room
    this.#events.roomOpened(room)
    return room
  }

  async #joinVoice(room: MediaRoom, edge: VoiceEdge): Promise<void> {
    room.on('agentVoice', rtp => {
      if (this.#phone === undefined) this.#agentSays(rtp, edge)
      else this.#events.browserVoice()
    })
    this.#ear ??= newStream()
    this.#ear.codec = edge.codec
    this.#ear.payloadType = CODECS[edge.codec].payloadType
    this.#callerVoice = await room.openCallerVoice({ codec: edge.codec, ssrc: this.#ear.ssrc })
    if (this.#isQuiet) await this.#callerVoice.pause()
  }

  #agentSays(rtp: Buffer, edge: VoiceEdge): void {
    this.#lastAgentVoiceMs = performance.now()
    // Muted, the edge fills in silence; that the agent is there is known all the same.
    if (!this.#muted && !this.#parted) (this.#diverted ?? edge).sendVoice(rtp)
    this.#events.agentVoice()
  }

  /** The agent speaks and hears by a telephone, or (undefined) by the browser. What the caller's edge records stays the same. */
  speakBy(phone: VoiceEdge | undefined): void {
    this.#phone = phone
    this.#ear?.restart()
    phone?.onVoice(rtp => {
      if (this.#phone === phone) this.#agentSays(rtp, this.edge)
    })
    this.#quieten()
  }

  /**
   * The agent speaks with somebody else while the caller is held, or (undefined) with the caller again. For the agent's
   * browser it is one stream all the time.
   */
  divert(edge: VoiceEdge | undefined): void {
    this.#diverted = edge
    edge?.holdTone(this.#away)
    this.#ear?.restart()
    edge?.onVoice(rtp => {
      if (this.#diverted === edge) this.#hear(rtp)
    })
    this.#quieten()
  }

  /** The agent hears nobody and is heard by nobody, while others are being joined. */
  part(on: boolean): void {
    this.#parted = on
    this.#ear?.restart()
  }

  /** The caller's endpoint goes on without this call, and without being recorded: the call may close. @throws VoiceElsewhere */
  handOver(): VoiceEdge {
    const { edge } = this
    this.#handedOver = true
    edge.onTap(undefined)
    return edge
  }
  #handedOver = false

  #listen(edge: VoiceEdge): void {
    edge.onState(state => this.#voiceState(state))
    edge.onVoice(rtp => {
      if (this.#diverted === undefined) this.#hear(rtp)
    })
  }

  #hear(rtp: Buffer): void {
    if (this.#parted) return
    if (this.#phone) {
      this.#phone.sendVoice(rtp)
      return
    }
    const heard = this.#ear?.voice(rtp, performance.now())
    if (heard) this.#callerVoice?.send(heard)
  }

  /** Nothing comes from a caller who is held; from somebody who is asked meanwhile it does. By a phone all is heard there. */
  get #isQuiet(): boolean {
    return this.#phone !== undefined || (this.#held && this.#diverted === undefined)
  }

  // A held call's stream stands still: without the pause a long hold would mute the agent for good (libsrtp's replay window).
  #quieten(): void {
    const turn = this.#isQuiet ? this.#callerVoice?.pause() : this.#callerVoice?.resume()
    turn?.catch(error => this.#deps.events.fault('hold', error))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#room?.close()
    if (!this.#handedOver) await this.#edge?.close()
  }

  #voiceState(state: VoiceState): void {
    if (this.#handedOver) return
    if (state.kind === 'held' || state.kind === 'retrieved') {
      // Each side holds for itself: the stream runs again when neither does.
      const { byPeer, byUs } = this.edge.held
      this.#held = byPeer || byUs
      this.#quieten()
    }
    this.#events.callerVoice(state)
  }
}
