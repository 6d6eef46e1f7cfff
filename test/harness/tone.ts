/** Power of one frequency in a block of samples (Goertzel), normalised so that a full-scale sine of 1.0 gives 0.25. */
export function powerAt(hz: number, samples: ArrayLike<number>, sampleRateHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz)
  let last = 0
  let beforeLast = 0
  for (let index = 0; index < samples.length; index += 1) {
    const next = (samples[index] ?? 0) + coefficient * last - beforeLast
    beforeLast = last
    last = next
  }
  return (last ** 2 + beforeLast ** 2 - coefficient * last * beforeLast) / Math.max(1, samples.length) ** 2
}

/** Mean square of a block. */
export function meanSquare(samples: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2
  return sum / Math.max(1, samples.length)
}

/**
 * How much of a block's power is the given tone: 1 for that sine alone, near 0 for silence, noise or another tone.
 * Silence (below -60 dBFS of 16-bit samples) counts as 0.
 */
export function shareOf(hz: number, samples: ArrayLike<number>, sampleRateHz: number): number {
  const total = meanSquare(samples)
  return total < 32 ** 2 ? 0 : (2 * powerAt(hz, samples, sampleRateHz)) / total
}

/** The strongest frequency between the bounds, in steps of `stepHz`; undefined for silence. */
export function dominantHz(
  samples: ArrayLike<number>,
  sampleRateHz: number,
  o: { fromHz?: number; toHz?: number; stepHz?: number } = {},
): number | undefined {
  if (meanSquare(samples) < 32 ** 2) return undefined
  let best: { hz: number; power: number } | undefined
  for (let hz = o.fromHz ?? 200; hz <= (o.toHz ?? 3600); hz += o.stepHz ?? 10) {
    const power = powerAt(hz, samples, sampleRateHz)
    if (!best || power > best.power) best = { hz, power }
  }
  return best?.hz
}

/** Start of every stretch, in ms from the first sample, where the tone is present for at least `minMs`. */
export function onsetsOf(hz: number, samples: Int16Array, sampleRateHz: number, minMs = 40): number[] {
  const step = Math.round(sampleRateHz * 0.005)
  const window = Math.round(sampleRateHz * 0.02)
  const onsets: number[] = []
  let since: number | undefined
  let told = false
  for (let at = 0; at + window <= samples.length; at += step) {
    const present = shareOf(hz, samples.subarray(at, at + window), sampleRateHz) > 0.5
    if (!present) {
      since = undefined
      told = false
    } else {
      // The window begins to be mostly tone when half of it lies before the onset.
      since ??= ((at + window / 2) * 1000) / sampleRateHz
      if (!told && ((at + window / 2) * 1000) / sampleRateHz - since >= minMs) {
        onsets.push(since)
        told = true
      }
    }
  }
  return onsets
}
