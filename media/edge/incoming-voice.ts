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
  /** What a payload type means. */
  #formats: ReadonlyMap<number, VoiceCodec | 'event'> = new Map()

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
    const { clockRate } = CODECS[codec]
    const formats = new Map<number, VoiceCodec | 'event'>()
    const add = (format: Format) => {
      if (CODECS[format.codec].clockRate === clockRate) formats.set(format.payloadType, format.codec)
    }
    // Packets in the law of before may be on their way still when the answer to a change of laws leaves.
    if (isG711(codec)) STATIC_LAWS.forEach(add)
    // The peer has to number as we do (RFC 3264 section 5.1), but may number as it says itself: ours go before.
    remote.formats.forEach(add)
    if (remote.eventPayloadType !== undefined) formats.set(remote.eventPayloadType, 'event')
    local.formats.forEach(add)
    for (const event of local.events) if (event.clockRate === clockRate) formats.set(event.payloadType, 'event')
    this.#formats = formats
    this.#keys.ticksPerMs = clockRate / 1000
  }

  isKnown(payloadType: number): boolean {
    return this.#formats.has(payloadType) || payloadType === COMFORT_NOISE
  }

  isEvent(payloadType: number): boolean {
    return this.#formats.get(payloadType) === 'event'
  }

  /** The known stream is over: its silence was wanted, or the peer has moved. */
  restart(): void {
    this.#stream.restart()
  }

  /** `discard`: voice is not wanted now, and must take no place in the stream, or a long hold would move its index away. */
  read(packet: Buffer, nowMs: number, o: { discard: boolean }): Heard {
    const payloadType = payloadTypeOf(packet)
    const codec = this.#formats.get(payloadType)
    if (codec === 'event') {
      this.#stream.skip(packet, nowMs)
      return { kind: 'keys', events: this.#keys.read(packet) }
    }
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
