import type { LegId } from '../protocol/ids.ts'

/** Why a leg is no more. */
export type LegGone = {
  /** `control-lost`: the SIP server went away before the call was answered. */
  by: 'peer' | 'us' | 'ack-timeout' | 'session-expired' | 'control-lost'
  /** The caller gave up before the answer. */
  cancelled: boolean
}

/** `answer` was of no use: the leg ended before its ACK came. */
export class LegGoneError extends Error {
  override name = 'LegGoneError'
  readonly gone: LegGone
  constructor(gone: LegGone, options?: ErrorOptions) {
    super(`the leg is gone (${gone.by}${gone.cancelled ? ', cancelled' : ''})`, options)
    this.gone = gone
  }
}

/** Our side of an offer: an SDP, or a refusal that leaves the call as it was. */
export type OfferReply = { sdp: string } | { status: number; reason: string }

/** One side of a phone call. The rest of the server never sees drachtio. */
export interface CallLeg {
  readonly id: LegId
  /** The caller's number or SIP user; `anonymous` when withheld. */
  readonly from: string
  /** User part of the request URI: the number that was dialled. */
  readonly to: string
  readonly sipCallId: string
  /** IP address the INVITE came from. */
  readonly sourceAddress: string
  /** undefined when the INVITE had none (late offer): then `answer` takes our offer and the ACK brings the answer. */
  readonly offerSdp: string | undefined
  /** Aborts once, with a LegGone as its reason. */
  readonly gone: AbortSignal
  /** 180, repeated every minute so that proxies on the way keep waiting (RFC 3261 section 13.3.1.1). */
  ring(): void
  /** 200; resolves when the ACK has come, rejects with LegGoneError when the leg ends before. */
  answer(sdp: string): Promise<void>
  /** A final refusal. Does nothing when the leg is answered or gone. */
  reject(status: number, reason: string): void
  /** BYE, or 480 before the answer. Idempotent; resolves when the peer has confirmed or after 2 s. */
  hangUp(reason?: string): Promise<void>
  /** Set before `answer`; called for each re-INVITE and each UPDATE with SDP. No offer: give ours. */
  onOffer(handler: (offerSdp: string | undefined) => Promise<OfferReply>): void
  /** The peer's answer to an offer of ours. */
  onAnswerInAck(handler: (answerSdp: string) => void): void
}

/** What the phone door calls. */
export interface SipHandler {
  /** A call comes in. A rejected promise refuses it with 500, or hangs up. */
  onInvite(leg: CallLeg): Promise<void>
  /** Whether new calls are welcome: the answer to OPTIONS is 200 or 503. Without it: always. */
  onOptions?(): boolean
}
