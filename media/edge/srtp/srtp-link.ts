import type { CryptoLine } from './crypto-line.ts'
import { SrtpReceiver } from './srtp-receiver.ts'
import { SrtpSender } from './srtp-sender.ts'

/** Both directions of an encrypted leg. */
export class SrtpLink {
  readonly receiver: SrtpReceiver
  #sender: SrtpSender

  constructor(ours: CryptoLine, theirs: CryptoLine) {
    this.#sender = new SrtpSender(ours.key)
    this.receiver = new SrtpReceiver(theirs.key, theirs.mki)
  }

  /**
   * True when our stream should go on under another SSRC after this exchange: its numbers have gone round, and whoever gets it
   * under another key or at another place may begin to count rounds at none. A new SSRC has none behind it (RFC 3711 3.2.3).
   */
  wantsNewStream(ours: CryptoLine, theirs: CryptoLine, moved: boolean): boolean {
    const same = ours.key.equals(this.#sender.key) && theirs.key.equals(this.receiver.key)
    return this.#sender.hasGoneRound && (moved || !same)
  }

  get sender(): SrtpSender {
    return this.#sender
  }

  /** Keys after another exchange: those that stay keep their counters. */
  rekey(ours: CryptoLine, theirs: CryptoLine, nowMs: number): void {
    if (!ours.key.equals(this.#sender.key)) this.#sender = new SrtpSender(ours.key, this.#sender)
    this.receiver.rekey(theirs.key, nowMs, theirs.mki)
  }
}
