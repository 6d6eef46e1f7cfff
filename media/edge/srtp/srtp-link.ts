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

  get sender(): SrtpSender {
    return this.#sender
  }

  /** Keys after another exchange: those that stay keep their counters. */
  rekey(ours: CryptoLine, theirs: CryptoLine, nowMs: number): void {
    if (!ours.key.equals(this.#sender.key)) this.#sender = new SrtpSender(ours.key, this.#sender)
    this.receiver.rekey(theirs.key, nowMs, theirs.mki)
  }
}
