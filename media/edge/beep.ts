export const BEEP_RATE_HZ = 8000
const FRAME_SAMPLES = 160
/** A soft 425 Hz beep of 0.4 s: "please wait", as exchanges in China and Europe sound. */
const TONE_HZ = 425
export const BEEP_FRAMES = 20
const RAMP_SAMPLES = 160
/** About -23 dBm0: audible over a phone, never startling. */
const TONE_AMPLITUDE = 2000

/** The beep as samples at 8 kHz. */
export function beep(): Int16Array {
  const samples = BEEP_FRAMES * FRAME_SAMPLES
  return Int16Array.from({ length: samples }, (_, n) => {
    const ramp = Math.min(1, n / RAMP_SAMPLES, (samples - n) / RAMP_SAMPLES)
    return Math.round(ramp * TONE_AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / BEEP_RATE_HZ))
  })
}
