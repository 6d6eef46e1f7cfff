import type { LegGone, OfferReply } from './call-leg.ts'

/** What the owner of a leg wants to hear; set before there is a dialog. */
export type LegHandlers = {
  offer(offerSdp: string | undefined): Promise<OfferReply>
  answerInAck(answerSdp: string): void
  infoDigit(digit: string, durationMs: number): void
  /** A recording client describes what it sends (RFC 7865). */
  metadata(document: string): void
}

export type LegLogger = { debug(fields: object, message: string): void; warn(fields: object, message: string): void }

export function noHandlers(): LegHandlers {
  return {
    offer: async () => ({ status: 488, reason: 'cannot be changed' }),
    answerInAck() {},
    infoDigit() {},
    metadata() {},
  }
}

/** What a dialog tells its leg. */
export type DialogEvents = {
  acked(): void
  /** The ACK of the call's 200 should have brought the answer to our offer, and did not: nobody can talk. */
  unanswered(): void
  /** The dialog is over, or must be: the leg ends. */
  ended(gone: LegGone): void
  /** The peer answered with 481, or not at all: what is left of the dialog is ended with BYE. */
  lost(): void
}
