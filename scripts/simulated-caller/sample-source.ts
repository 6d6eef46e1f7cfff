import type { Sound } from './wav.ts'

export const VOICE_RATE_HZ = 8000

/** What a simulated person says: `count` samples at 8 kHz from sample `from` on, counted since the call was answered. */
export type SampleSource = (from: number, count: number) => Int16Array

export const silence: SampleSource = (_from, count) => new Int16Array(count)

const sine = (hz: number, index: number, amplitude: number) =>
  Math.round(amplitude * Math.sin((2 * Math.PI * hz * index) / VOICE_RATE_HZ))

/** A steady tone; amplitude in 16-bit units. */
export function tone(hz: number, amplitude = 8000): SampleSource {
  return (from, count) => Int16Array.from({ length: count }, (_, index) => sine(hz, from + index, amplitude))
}

/** A tone for the first `onMs` of every `everyMs`, silence between. */
export function beeps(o: { hz: number; onMs: number; everyMs: number; amplitude?: number }): SampleSource {
  const periodSamples = (o.everyMs * VOICE_RATE_HZ) / 1000
  const onSamples = (o.onMs * VOICE_RATE_HZ) / 1000
  return (from, count) =>
    Int16Array.from({ length: count }, (_, index) =>
      (from + index) % periodSamples < onSamples ? sine(o.hz, from + index, o.amplitude ?? 12000) : 0,
    )
}

/** Several sources at once; the sum is clipped. */
export function mixed(...sources: readonly SampleSource[]): SampleSource {
  return (from, count) => {
    const parts = sources.map(source => source(from, count))
    return Int16Array.from({ length: count }, (_, index) =>
      Math.max(
        -32768,
        Math.min(
          32767,
          parts.reduce((sum, part) => sum + (part[index] ?? 0), 0),
        ),
      ),
    )
  }
}

/** Plays a recording again and again with `pauseMs` of silence between. Throws unless it is at 8 kHz. */
export function looped({ sampleRateHz, samples }: Sound, pauseMs: number): SampleSource {
  if (sampleRateHz !== VOICE_RATE_HZ) throw new Error(`the recording is at ${sampleRateHz} Hz, not 8000`)
  const periodSamples = samples.length + (pauseMs * VOICE_RATE_HZ) / 1000
  return (from, count) => Int16Array.from({ length: count }, (_, index) => samples[(from + index) % periodSamples] ?? 0)
}
