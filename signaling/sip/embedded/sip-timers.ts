/** RFC 3261 timer values in milliseconds; all of A to M follow from the first three. Tests make t1Ms small. */
export type SipTimers = {
  /** Round-trip estimate; first retransmission interval. RFC default 500. */
  readonly t1Ms: number
  /** Largest retransmission interval of non-INVITE requests and of INVITE responses. RFC default 4000. */
  readonly t2Ms: number
  /** How long a message may stay in the network. RFC default 5000. */
  readonly t4Ms: number
  /** How long an application may leave a request without any answer before we give it up. */
  readonly appAnswerMs: number
  /** How long a peer that has connected may say nothing at all. */
  readonly silentConnectionMs: number
  /** Shortest session interval that we agree to; RFC 4028 says 90. */
  readonly minSessionSeconds: number
}

export const defaultSipTimers: SipTimers = {
  t1Ms: 500,
  t2Ms: 4000,
  t4Ms: 5000,
  appAnswerMs: 64_000,
  silentConnectionMs: 30_000,
  minSessionSeconds: 90,
}

/** 64 * T1: timers B, F, H, J, L, M and the wait for an ACK. 32 s by default. */
export function giveUpMs(timers: SipTimers): number {
  return 64 * timers.t1Ms
}
