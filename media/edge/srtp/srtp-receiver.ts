import { payloadStart, sequenceOf, ssrcOf } from '../rtp-packet.ts'
import type { MasterKey } from './master-key.ts'
import { guessIndex, ReplayWindow } from './packet-index.ts'
import { SrtpCipher } from './srtp-cipher.ts'
import { SUITES } from './suite.ts'

const ROUND = 0x1_0000
/** A transfer or a music server brings a new one; more than this at a time is nobody's telephone. */
const MAX_SOURCES = 8
/** After so long without an authentic packet the peer may have counted on through a hold without our hearing it. */
const SILENT_MS = 1000
/** Rounds that are tried then: six hours of 20 ms packets. */
const MAX_MISSED_ROUNDS = 16
/** Packets under the key of before are still on their way when a new one comes (RFC 4568 section 7.1.4). */
const OLD_KEY_MS = 5000

export type SrtpRefusal = 'unauthentic' | 'replayed'
type Source = { readonly window: ReplayWindow; heardMs: number }

/** What one master key opens: each source with its own rollover counter and window, known only once it proved authentic. */
class Opener {
  readonly #cipher: SrtpCipher
  readonly #mki: Buffer | undefined
  readonly #tagBytes: { readonly rtp: number; readonly rtcp: number }
  readonly #sources = new Map<number, Source>()
  readonly #reports = new Map<number, ReplayWindow>()

  constructor(key: MasterKey, mki: Buffer | undefined) {
    this.#cipher = SrtpCipher.of(key)
    this.#mki = mki
    const { aead, rtpTagBytes, rtcpTagBytes } = SUITES[key.suite]
    // With GCM the tag belongs to the ciphertext, and what names the key stands last (RFC 7714 sections 8.2 and 9.3).
    this.#tagBytes = aead ? { rtp: 0, rtcp: 0 } : { rtp: rtpTagBytes, rtcp: rtcpTagBytes }
  }

  /** Highest index of each source, for the key after this one. */
  highest(ssrc: number): number {
    return this.#sources.get(ssrc)?.window.highest ?? -1
  }

  rtp(wire: Buffer, nowMs: number, indexBefore: number): Buffer | SrtpRefusal {
    const packet = this.#withoutMki(wire, this.#tagBytes.rtp)
    const start = payloadStart(packet)
    if (start > packet.length) return 'unauthentic'
    const ssrc = ssrcOf(packet)
    const source = this.#sources.get(ssrc)
    const guesses = this.#guesses(sequenceOf(packet), source, nowMs, indexBefore)
    let refusal: SrtpRefusal = 'unauthentic'
    for (const index of guesses) {
      if (source !== undefined && !source.window.isNew(index)) {
        // Not worth a decryption: it would be authentic, and is a replay all the same.
        refusal = 'replayed'
        continue
      }
      const plain = this.#cipher.openRtp(packet, start, index)
      if (plain === undefined) continue
      this.#accept(ssrc, source, index, nowMs)
      return plain
    }
    return refusal
  }

  rtcp(wire: Buffer): Buffer | SrtpRefusal {
    const packet = this.#withoutMki(wire, this.#tagBytes.rtcp)
    const opened = this.#cipher.openRtcp(packet)
    if (opened === undefined) return 'unauthentic'
    const ssrc = packet.readUInt32BE(4)
    const window = this.#reports.get(ssrc) ?? new ReplayWindow()
    if (!window.isNew(opened.index)) return 'replayed'
    window.accept(opened.index)
    remember(this.#reports, ssrc, window)
    return opened.packet
  }

  /** A peer that announced an identifier and leaves it out is understood all the same: authenticity is proved by the tag alone. */
  #withoutMki(packet: Buffer, tagBytes: number): Buffer {
    const mki = this.#mki
    if (mki === undefined) return packet
    const at = packet.length - tagBytes - mki.length
    if (at < 0 || !packet.subarray(at, at + mki.length).equals(mki)) return packet
    return Buffer.concat([packet.subarray(0, at), packet.subarray(at + mki.length)])
  }

  #guesses(sequence: number, source: Source | undefined, nowMs: number, indexBefore: number): number[] {
    if (source === undefined) {
      // A new key does not set the counter back (RFC 3711 section 3.3.1), but many devices begin anew with it.
      const on = guessIndex(indexBefore, sequence)
      // Some begin anywhere, and may have gone round once before the first packet that we hear.
      return [...new Set([on, sequence, sequence + ROUND])]
    }
    const guess = guessIndex(source.window.highest, sequence)
    if (nowMs - source.heardMs <= SILENT_MS) return [guess]
    const base = guess > source.window.highest ? guess : guess + ROUND
    return [guess, ...Array.from({ length: MAX_MISSED_ROUNDS }, (_, n) => base + n * ROUND).filter(n => n !== guess)]
  }

  #accept(ssrc: number, known: Source | undefined, index: number, nowMs: number): void {
    const source = known ?? { window: new ReplayWindow(), heardMs: nowMs }
    source.window.accept(index)
    source.heardMs = nowMs
    if (known === undefined) remember(this.#sources, ssrc, source)
  }
}

/** The oldest makes room: an insertion order is an age. */
function remember<T>(map: Map<number, T>, ssrc: number, value: T): void {
  if (!map.has(ssrc) && map.size >= MAX_SOURCES) {
    const [oldest] = map.keys()
    if (oldest !== undefined) map.delete(oldest)
  }
  map.set(ssrc, value)
}

/** Decrypts what comes from the peer. Nothing is believed, counted or learned before it proved authentic. */
export class SrtpReceiver {
  #key: MasterKey
  #mki: Buffer | undefined
  #opener: Opener
  #before: { opener: Opener; untilMs: number } | undefined

  /** `mki`: the identifier that stands in packets under this key. */
  constructor(key: MasterKey, mki?: Buffer) {
    this.#key = key
    this.#mki = mki
    this.#opener = new Opener(key, mki)
  }

  get key(): MasterKey {
    return this.#key
  }

  /** The key of a new description; the same one changes nothing. */
  rekey(key: MasterKey, nowMs: number, mki?: Buffer): void {
    const sameName = mki === undefined ? this.#mki === undefined : this.#mki?.equals(mki) === true
    if (key.equals(this.#key) && sameName) return
    this.#key = key
    this.#mki = mki
    this.#before = { opener: this.#opener, untilMs: nowMs + OLD_KEY_MS }
    this.#opener = new Opener(key, mki)
  }

  rtp(packet: Buffer, nowMs: number): Buffer | SrtpRefusal {
    const before = this.#before
    const opened = this.#opener.rtp(packet, nowMs, before?.opener.highest(ssrcOf(packet)) ?? -1)
    if (opened !== 'unauthentic' || before === undefined || nowMs > before.untilMs) return opened
    return before.opener.rtp(packet, nowMs, -1)
  }

  rtcp(packet: Buffer, nowMs: number): Buffer | SrtpRefusal {
    const before = this.#before
    const opened = this.#opener.rtcp(packet)
    if (opened !== 'unauthentic' || before === undefined || nowMs > before.untilMs) return opened
    return before.opener.rtcp(packet)
  }
}
