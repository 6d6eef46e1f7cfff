/** A stretch of a call in which something that could be expected is not heard or seen, and why. Zod-free: pages read it. */
export const SPAN_KINDS = [
  /** The voice of a party was on hold. */
  'hold',
  /** Recording was stopped on purpose: card shutter, or the camera paused by the caller. */
  'pause',
  /** Nothing arrived on a track that was open. */
  'gap',
  /** The recorder could not keep what arrived. */
  'loss',
  /** The server ended in mid-call: nothing after this was written. */
  'crash',
  /** Between two films of the camera. */
  'camera-off',
] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

export type RecordSpan = {
  readonly kind: SpanKind
  /** `tracks/<name>-<n>.rtpj` without folder, number and ending; absent when the whole call is meant. */
  readonly track?: 'caller-voice' | 'agent-voice' | 'caller-camera' | 'agent-screen'
  /** Milliseconds on the call clock. */
  readonly fromMs: number
  readonly toMs: number
  readonly by?: string
  readonly packets?: number
}

/** `derived/spans.json`. */
export type RecordSpans = { readonly format: 'tongping-spans/1'; readonly spans: readonly RecordSpan[] }
