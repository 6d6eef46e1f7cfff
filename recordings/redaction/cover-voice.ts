/** Heard at once as "something was taken out", and unlike any tone of a telephone network (those are 350 to 480 Hz). */
export const MARKER_HZ = 800
/** A fifth of full scale: plain to hear, hurts nobody. */
const LEVEL = 6500
/** No click at the edges; the ramp is inside the span, where nothing of the voice is left. */
const RAMP_MS = 3

export type VoiceSpan = { readonly fromMs: number; readonly toMs: number }

/** Replaces spans of a voice by the marker tone, in place. @returns milliseconds covered */
export function coverVoice(pcm: Int16Array, rateHz: number, spans: readonly VoiceSpan[]): number {
  const covered = new Uint8Array(pcm.length)
  for (const { fromMs, toMs } of spans) {
    const from = Math.max(0, Math.floor((fromMs * rateHz) / 1000))
    const to = Math.min(pcm.length, Math.ceil((toMs * rateHz) / 1000))
    const ramp = (RAMP_MS * rateHz) / 1000
    for (let i = from; i < to; i++) {
      const edge = Math.min(1, (i - from + 1) / ramp, (to - i) / ramp)
      pcm[i] = Math.round(edge * LEVEL * Math.sin((2 * Math.PI * MARKER_HZ * i) / rateHz))
      covered[i] = 1
    }
  }
  return Math.round((covered.reduce((sum, one) => sum + one, 0) * 1000) / rateHz)
}
