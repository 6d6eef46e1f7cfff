import { randomInt } from 'node:crypto'
import { DtmfOut } from './dtmf-out.ts'
import { Filler, type FillerSound } from './filler.ts'
import { changeLaw } from './g711.ts'
import type { HoldMusic } from './hold-music.ts'
import { RTP_HEADER_BYTES } from './rtp-packet.ts'
import { RtpRebase } from './rtp-rebase.ts'
import { CODECS, type Format, isG711, type VoiceCodec } from './voice-codec.ts'

/** Silence begins when the agent has not been heard for this long: three missing frames. */
const AGENT_SILENT_MS = 60

/** What the caller hears: the agent, keys, and while there is neither silence, the hold tone or music, as one stream. */
export class OutgoingVoice {
  readonly keys = new DtmfOut()
  readonly #stream = newStream()
  readonly #music: HoldMusic | undefined
  readonly #send: (packet: Buffer, kind: 'voice' | 'filler', source?: Buffer) => void
  #filler: Filler | undefined
  #sound: FillerSound = 'silence'
  #browser: VoiceCodec = 'PCMA'
  #wire: VoiceCodec | undefined
  #eventPayloadType: number | undefined
  #agentHeardMs = Number.NEGATIVE_INFINITY

  constructor(o: {
    music: HoldMusic | undefined
    send: (packet: Buffer, kind: 'voice' | 'filler', source?: Buffer) => void
  }) {
    this.#music = o.music
    this.#send = o.send
  }

  get ssrc(): number {
    return this.#stream.ssrc
  }

  set sound(sound: FillerSound) {
    this.#sound = sound
    if (this.#filler !== undefined) this.#filler.sound = sound
  }

  timestampAt(nowMs: number): number {
    return this.#stream.timestampAt(nowMs)
  }

  /** `browser` is what the agent sends, `wire` what the peer takes now. */
  speakAs(browser: VoiceCodec, wire: Format, eventPayloadType: number | undefined): void {
    this.#browser = browser
    this.#stream.codec = wire.codec
    this.#stream.payloadType = wire.payloadType
    this.#eventPayloadType = eventPayloadType
    this.keys.ticksPerMs = CODECS[wire.codec].clockRate / 1000
    if (eventPayloadType === undefined) this.keys.cancel('the peer takes no keys any more')
    if (wire.codec === this.#wire) return
    this.#wire = wire.codec
    this.#filler = new Filler(wire.codec, this.#music)
    this.#filler.sound = this.#sound
  }

  /** After a time in which nothing was to be sent: what was held back is not loss. */
  restart(): void {
    this.#stream.restart()
  }

  /** Another SSRC from the next packet on, at the beginning of its numbers. */
  renew(): void {
    this.#stream.renew(newOrigin())
  }

  agent(rtp: Buffer, nowMs: number): void {
    this.#agentHeardMs = nowMs
    // A key and a voice at once would be two sounds on one timeline (RFC 4733 section 2.6.1).
    if (this.keys.busy) return
    const packet = this.#stream.voice(rtp, nowMs)
    if (packet === undefined) return
    if (this.#wire !== undefined && isG711(this.#wire) && isG711(this.#browser)) {
      changeLaw(packet.subarray(RTP_HEADER_BYTES), this.#browser, this.#wire)
    }
    this.#send(packet, 'voice', rtp)
  }

  /** To be called every 20 ms. */
  tick(nowMs: number): void {
    if (this.#filler === undefined) return
    const key = this.keys.next()
    if (key !== undefined && this.#eventPayloadType !== undefined) {
      const payloadType = this.#eventPayloadType
      this.#send(this.#stream.event(key.payload, { payloadType, first: key.first, ticks: key.ticks }, nowMs), 'filler')
      return
    }
    if (nowMs - this.#agentHeardMs < AGENT_SILENT_MS) return
    this.#send(this.#stream.frame(this.#filler.next(), nowMs), 'filler')
  }
}

/** Random SSRC and origin (RFC 3550 section 5.1); the first sequence stays below 2^15 as RFC 3711 section 3.3.1 advises. */
const newOrigin = () => ({ ssrc: randomInt(1, 2 ** 32), firstSequence: randomInt(1, 2 ** 15) })

export function newStream(): RtpRebase {
  return new RtpRebase({ ...newOrigin(), payloadType: 0, firstTimestamp: randomInt(0, 2 ** 32) })
}
