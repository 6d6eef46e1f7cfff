import { type DtmfEvent, DtmfIn } from './dtmf-in.ts'
import { changeLaw } from './g711.ts'
import { newStream } from './outgoing-voice.ts'
import { payloadTypeOf, RTP_HEADER_BYTES } from './rtp-packet.ts'
import type { RebaseStats } from './rtp-rebase.ts'
import { CODECS, type Format, isG711, type VoiceCodec } from './voice-codec.ts'
import type { Exchange } from './voice-sdp.ts'

const COMFORT_NOISE = 13
const STATIC_LAWS: readonly Format[] = [
  { codec: 'PCMU', payloadType: 0 },
  { codec: 'PCMA', payloadType: 8 },
]

export type Heard =
  | { kind: 'voice'; packet: Buffer | undefined }
  | { kind: 'keys'; events: DtmfEvent[] }
  | { kind: 'noise' | 'unknown' }

/** What the peer sends, told apart by payload type: voice as one stream in the browser's codec, keys, comfort noise. */
export class IncomingVoice {
  readonly #stream = newStream()
  readonly #keys = new DtmfIn()
  #codec: VoiceCodec = 'PCMA'
  #formats: ReadonlyMap<number, VoiceCodec> = new Map()
  #eventPayloadTypes: readonly number[] = []

  /** SSRC of the stream for the room. */
  get ssrc(): number {
    return this.#stream.ssrc
  }

  get stats(): RebaseStats {
    return { ...this.#stream.stats }
  }

  /** After an exchange: `codec` is the browser's. */
  listenFor(codec: VoiceCodec, { local, remote }: Exchange): void {
    this.#codec = codec
    this.#stream.codec = codec
    this.#stream.payloadType = CODECS[codec].payloadType
    const formats = new Map<number, VoiceCodec>()
    // Packets in the law of before may be on their way still when the answer to a change of laws leaves.
    if (isG711(codec)) for (const law of STATIC_LAWS) formats.set(law.payloadType, law.codec)
    // The peer may number as it says itself, or as we do (RFC 3264 section 5.1).
    for (const { codec, payloadType } of [...local.formats, ...remote.formats]) {
      if (CODECS[codec].clockRate === CODECS[this.#codec].clockRate) formats.set(payloadType, codec)
    }
    const events = local.events.filter(event => event.clockRate === CODECS[codec].clockRate).map(e => e.payloadType)
    if (remote.eventPayloadType !== undefined) events.push(remote.eventPayloadType)
    this.#formats = formats
    this.#eventPayloadTypes = events
    this.#keys.ticksPerMs = CODECS[codec].clockRate / 1000
  }

  isKnown(payloadType: number): boolean {
    return this.#formats.has(payloadType) || this.isEvent(payloadType) || payloadType === COMFORT_NOISE
  }

  isEvent(payloadType: number): boolean {
    return this.#eventPayloadTypes.includes(payloadType)
  }

  /** The known stream is over: its silence was wanted, or the peer has moved. */
  restart(): void {
    this.#stream.restart()
  }

  /** The peer's timeline starts anew. */
  moved(): void {
    this.#stream.restart()
    this.#keys.restart()
  }

  /** `discard`: voice is not wanted now, and must take no place in the stream, or a long hold would move its index away. */
  read(packet: Buffer, nowMs: number, o: { discard: boolean }): Heard {
    const payloadType = payloadTypeOf(packet)
    if (this.isEvent(payloadType)) {
      this.#stream.skip(packet, nowMs)
      return { kind: 'keys', events: this.#keys.read(packet) }
    }
    const codec = this.#formats.get(payloadType)
    if (codec === undefined) {
      this.#stream.skip(packet, nowMs)
      return { kind: payloadType === COMFORT_NOISE ? 'noise' : 'unknown' }
    }
    if (o.discard) return { kind: 'voice', packet: undefined }
    const voice = this.#stream.voice(packet, nowMs)
    if (voice !== undefined && isG711(codec) && isG711(this.#codec)) {
      changeLaw(voice.subarray(RTP_HEADER_BYTES), codec, this.#codec)
    }
    return { kind: 'voice', packet: voice }
  }
}
