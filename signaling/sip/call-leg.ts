import type { LegId } from '../protocol/ids.ts'
import type { RecordingLeg } from './siprec/recording-leg.ts'

/** A `Reason` header (RFC 3326): why a peer ended or gave up the call. */
export type LegReason = { protocol: 'SIP' | 'Q.850'; cause: number; text: string }

/** Why a leg is no more. */
export type LegGone = {
  /**
   * `control-lost`: the SIP server went away before the call was answered.
   * `dialog-lost`: the peer answered a request of ours with 481 or 408, which ends the dialog (RFC 3261 section 12.2.1.2), or
   * acknowledged our offer without an answer to it.
   */
  by: 'peer' | 'us' | 'ack-timeout' | 'session-expired' | 'control-lost' | 'dialog-lost'
  /** The caller gave up before the answer. */
  cancelled: boolean
  /** What the peer said of it, for example 200 "Call completed elsewhere" in its CANCEL. */
  reason?: LegReason
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

/** The peer did not take an offer of ours; the call goes on as both last agreed. 408: it did not answer in time. */
export class OfferRefused extends Error {
  override name = 'OfferRefused'
  readonly status: number
  constructor(status: number, options?: ErrorOptions) {
    super(`the peer refused our offer (${status})`, options)
    this.status = status
  }
}

/** The peer did not take an INFO of ours. */
export class InfoRefused extends Error {
  override name = 'InfoRefused'
  readonly status: number
  constructor(status: number, options?: ErrorOptions) {
    super(`the peer refused a key by INFO (${status})`, options)
    this.status = status
  }
}

/** A transfer did not come about: the peer refused the REFER (`asked`), or could not reach the target. */
export class ReferRefused extends Error {
  override name = 'ReferRefused'
  /** SIP status: of the answer to the REFER, or of what the peer says became of its own INVITE. */
  readonly status: number
  readonly stage: 'asked' | 'tried'
  constructor(status: number, stage: 'asked' | 'tried', options?: ErrorOptions) {
    super(`the transfer was refused (${stage}, ${status})`, options)
    this.status = status
    this.stage = stage
  }
}

/** Why an outgoing call did not come about, in the words that people use. */
export type CallFailure =
  | 'busy'
  | 'no-answer'
  | 'rejected'
  | 'wrong-number'
  /** The trunk takes no call of ours: credentials, rights, or an unknown caller number. */
  | 'not-allowed'
  /** The trunk cannot be reached or resolved, or cannot carry the call now. */
  | 'unreachable'
  /** No codec in common. */
  | 'not-acceptable'
  | 'cancelled'
  | 'failed'

/** An outgoing call was not answered. */
export class CallFailed extends Error {
  override name = 'CallFailed'
  readonly kind: CallFailure
  /** SIP status; 503 and 408 also where there was no answer at all, 487 when we gave up. */
  readonly status: number
  readonly reason: string
  /** Q.850 cause, when the peer gave one. */
  readonly q850: number | undefined
  constructor(o: { kind: CallFailure; status: number; reason: string; q850?: number }, options?: ErrorOptions) {
    super(`the call was not answered (${o.kind}, ${o.status})`, options)
    this.kind = o.kind
    this.status = o.status
    this.reason = o.reason
    this.q850 = o.q850
  }
}

/** Where the peer is sent: to a number or SIP address (blind), or into the place of another leg of ours (attended). */
export type ReferTarget = { readonly to: string } | { readonly leg: CallLeg }

/** What the peer says of a transfer (NOTIFY, RFC 3515): 100 tried, 180 rings there, 200 answered. */
export type ReferProgress = { readonly status: number; readonly reason: string }

/** Our side of an offer: an SDP, or a refusal that leaves the call as it was. */
export type OfferReply = { sdp: string } | { status: number; reason: string }

/** An offer that may have to be made more than once: where both sides offer at the same time, one has to come again. */
export type OurOffer = {
  /** The SDP as of now. */
  make(): string
  /** What `make` gave last is off the table: refused, or to be made again later. */
  withdrawn(): void
}

/** One side of a phone call. The rest of the server never sees drachtio. */
export interface CallLeg {
  readonly id: LegId
  /** `out`: we called. Such a leg is answered when it comes into being; `ring`, `answer` and `reject` are for the others. */
  readonly direction: 'in' | 'out'
  /** The caller's number or SIP user; `anonymous` when withheld. Of a leg of ours: the number we showed. */
  readonly from: string
  /** User part of the request URI: the number that was dialled. */
  readonly to: string
  readonly sipCallId: string
  /** IP address the INVITE came from, or the answer to ours. */
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
  /**
   * BYE with `reason` and its Q.850 cause (16, normal call clearing, where none is given), or 480 before the answer.
   * Idempotent; resolves when the peer has confirmed or after 2 s.
   */
  hangUp(reason?: string, q850?: number): Promise<void>
  /** Set before `answer`; called for each re-INVITE and each UPDATE with SDP. No offer: give ours. */
  onOffer(handler: (offerSdp: string | undefined) => Promise<OfferReply>): void
  /** The peer's answer to an offer of ours that was in a 200. */
  onAnswerInAck(handler: (answerSdp: string) => void): void
  /**
   * A re-INVITE of ours; resolves with the peer's answer. Where both offer at once (491) it waits as RFC 3261 section 14.1
   * says, answers the peer meanwhile, and makes the offer again. One at a time: a second one waits for the first. What both
   * agreed on last stays in force until this resolves.
   * Rejects OfferRefused (`withdrawn` was called); LegGoneError when the leg ended meanwhile.
   */
  offer(ours: OurOffer): Promise<string>
  /**
   * REFER: asks the peer to call somebody else (RFC 3515), or to take the place of another leg of ours (RFC 3891).
   * Resolves when the peer says that the other one has answered, or hangs up after it took the request; the leg is then
   * ours to hang up. Rejects ReferRefused (the call with the peer stands), LegGoneError when it ended before that.
   */
  refer(target: ReferTarget, onProgress: (progress: ReferProgress) => void): Promise<void>
  /** A key by INFO (application/dtmf-relay), for peers without RFC 4733. Rejects InfoRefused, LegGoneError. */
  info(digit: string, durationMs: number): Promise<void>
  /** Keys that the peer sends by INFO: each whole, when it comes. */
  onInfoDigit(handler: (digit: string, durationMs: number) => void): void
}

/** What the phone door calls. */
export interface SipHandler {
  /** A call comes in. A rejected promise refuses it with 500, or hangs up. */
  onInvite(leg: CallLeg): Promise<void>
  /** Whether new calls are welcome: the answer to OPTIONS is 200 or 503. Without it: always. */
  onOptions?(): boolean
  /** A recording client (SIPREC) calls; without it, and without an allow-list, none is let in. */
  onRecording?(leg: RecordingLeg): Promise<void>
}
