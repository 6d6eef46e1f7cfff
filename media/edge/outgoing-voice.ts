import { randomInt } from 'node:crypto'
import { Filler } from './filler.ts'
import type { RemoteVoice } from './remote-voice.ts'
import { RtpRebase } from './rtp-rebase.ts'

/** Silence begins when the agent has not been heard for this long: three missing frames. */
const AGENT_SILENT_MS = 60

/** What the caller hears: the agent, and while there is none silence or the hold tone, as one stream. */
export class OutgoingVoice {
  readonly #stream = newStream()
  readonly #send: (packet: Buffer, kind: 'voice' | 'filler', source?: Buffer) => void
  #filler: Filler | undefined
  #tone = false
  #agentHeardMs = Number.NEGATIVE_INFINITY

  constructor(o: { send: (packet: Buffer, kind: 'voice' | 'filler', source?: Buffer) => void }) {
    this.#send = o.send
  }

  get ssrc(): number {
    return this.#stream.ssrc
  }

  set tone(on: boolean) {
    this.#tone = on
    if (this.#filler !== undefined) this.#filler.tone = on
  }

  timestampAt(nowMs: number): number {
    return this.#stream.timestampAt(nowMs)
  }

  speakAs(remote: RemoteVoice): void {
    this.#stream.payloadType = remote.payloadType
    this.#filler ??= new Filler(remote.codec)
    this.#filler.tone = this.#tone
  }

  /** After a time in which nothing was to be sent: what was held back is not loss. */
  restart(): void {
    this.#stream.restart()
  }

  agent(rtp: Buffer, nowMs: number): void {
    this.#agentHeardMs = nowMs
    const packet = this.#stream.voice(rtp, nowMs)
    if (packet !== undefined) this.#send(packet, 'voice', rtp)
  }

  /** To be called every 20 ms. */
  tick(nowMs: number): void {
    if (this.#filler === undefined || nowMs - this.#agentHeardMs < AGENT_SILENT_MS) return
    this.#send(this.#stream.frame(this.#filler.next(), nowMs), 'filler')
  }
}

/** Random SSRC and origins (RFC 3550 section 5.1); the first sequence stays below 2^15 as RFC 3711 section 3.3.1 advises. */
export function newStream(): RtpRebase {
  return new RtpRebase({
    ssrc: randomInt(1, 2 ** 32),
    payloadType: 0,
    firstSequence: randomInt(1, 2 ** 15),
    firstTimestamp: randomInt(0, 2 ** 32),
  })
}
