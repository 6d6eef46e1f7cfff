import type { types } from 'mediasoup'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import { RoomError } from './room-error.ts'
import type { RoomEvents } from './room-events.ts'
import { type VoiceCodec, voiceParameters } from './router-codecs.ts'
import type { TypedEmitter } from './typed-emitter.ts'

/** The caller's voice on its way into the router. */
export type CallerVoice = {
  /** One RTP packet with the payload type and SSRC announced; never throws. Dropped while paused. */
  send(rtp: Buffer): void
  /** Around a hold: without it a gap of more than 32768 packets would silence the agent's SRTP for good. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/** Both voice directions of one call, carried between the media edge and the router without transcoding. */
export class VoiceBridge {
  readonly codec: VoiceCodec
  readonly #router: types.Router
  readonly #transport: types.DirectTransport
  readonly #caller: types.Producer
  readonly #events: TypedEmitter<RoomEvents>
  #microphone: { participantId: ParticipantId; producer: types.Producer; tap: types.Consumer } | undefined
  #callerPackets = 0
  #agentPackets = 0

  private constructor(
    codec: VoiceCodec,
    router: types.Router,
    transport: types.DirectTransport,
    caller: types.Producer,
    events: TypedEmitter<RoomEvents>,
  ) {
    this.codec = codec
    this.#router = router
    this.#transport = transport
    this.#caller = caller
    this.#events = events
  }

  static async create(o: {
    router: types.Router
    events: TypedEmitter<RoomEvents>
    codec: VoiceCodec
    ssrc: number
  }): Promise<VoiceBridge> {
    const transport = await o.router.createDirectTransport()
    try {
      const caller = await transport.produce({ kind: 'audio', rtpParameters: voiceParameters(o.codec, o.ssrc) })
      return new VoiceBridge(o.codec, o.router, transport, caller, o.events)
    } catch (error) {
      transport.close()
      throw error
    }
  }

  get callerProducerId(): string {
    return this.#caller.id
  }

  get callerVoice(): CallerVoice {
    const caller = this.#caller
    return {
      send: rtp => {
        if (caller.closed || caller.paused) return
        this.#callerPackets++
        caller.send(rtp)
      },
      pause: async () => {
        if (!caller.closed) await caller.pause()
      },
      resume: async () => {
        if (!caller.closed) await caller.resume()
      },
    }
  }

  /** @throws RoomError `wrong-codec` when the microphone would need transcoding */
  assertCodec(rtpParameters: types.RtpParameters): void {
    const offered = rtpParameters.codecs[0]?.mimeType.toLowerCase()
    if (offered !== `audio/${this.codec.toLowerCase()}`) {
      throw new RoomError('wrong-codec', `the call speaks ${this.codec}; the microphone must be produced with it`)
    }
  }

  /** The agent's microphone. The newest one speaks; an older one, of a page that was reloaded, is closed. */
  async useMicrophone(participantId: ParticipantId, producer: types.Producer): Promise<void> {
    const { rtpCapabilities } = this.#router
    const tap = await this.#transport.consume({ producerId: producer.id, rtpCapabilities, paused: true })
    const older = this.#microphone
    this.#microphone = { participantId, producer, tap }
    older?.producer.close()
    tap.on('rtp', rtp => {
      if (this.#microphone?.tap !== tap) return
      this.#agentPackets++
      this.#events.emit('agentVoice', rtp)
    })
    producer.observer.once('close', () => {
      if (this.#microphone?.tap !== tap) return
      this.#microphone = undefined
      this.#events.emit('agentMicrophone', undefined)
    })
    await tap.resume()
    this.#events.emit('agentMicrophone', participantId)
  }

  stats() {
    return {
      codec: this.codec,
      callerPackets: this.#callerPackets,
      agentPackets: this.#agentPackets,
      microphone: this.#microphone !== undefined,
      callerPaused: this.#caller.paused,
    }
  }

  close(): void {
    this.#microphone?.producer.close()
    this.#microphone = undefined
    this.#transport.close()
  }
}
