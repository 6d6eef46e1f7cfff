import { payloadStart, sequenceOf, ssrcOf } from '../rtp-packet.ts'
import type { MasterKey } from './master-key.ts'
import { guessIndex } from './packet-index.ts'
import { SrtpCipher } from './srtp-cipher.ts'

const ROUND = 0x1_0000

/** Encrypts what we send: one SSRC at a time, whose sequence is contiguous but for late packets that fill their place. */
export class SrtpSender {
  readonly key: MasterKey
  readonly #cipher: SrtpCipher
  #ssrc: number | undefined
  #highest = -1
  #reports = 0

  /** `before`: the sender under the key of before. Its counters go on, also those of reports (RFC 3711 sections 3.3.1 and 3.4). */
  constructor(key: MasterKey, before?: SrtpSender) {
    this.key = key
    this.#cipher = SrtpCipher.of(key)
    if (before === undefined) return
    this.#ssrc = before.#ssrc
    this.#highest = before.#highest
    this.#reports = before.#reports
  }

  /** True when the present stream's numbers have gone round: who begins to listen now cannot know how often. */
  get hasGoneRound(): boolean {
    return this.#highest >= ROUND
  }

  rtp(packet: Buffer): Buffer {
    const ssrc = ssrcOf(packet)
    if (ssrc !== this.#ssrc) this.#highest = -1
    this.#ssrc = ssrc
    const index = guessIndex(this.#highest, sequenceOf(packet))
    if (index > this.#highest) this.#highest = index
    return this.#cipher.sealRtp(packet, payloadStart(packet), index)
  }

  rtcp(packet: Buffer): Buffer {
    // 2^31 reports take 340 years.
    this.#reports++
    return this.#cipher.sealRtcp(packet, this.#reports)
  }
}
