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

/** Of 50 ms, each faded in and out: a gap spoils the piece it lies in and nothing else. */
const PIECE_MS = 50
/** What is softer than this (-41 dBFS) is nobody's voice. */
const QUIET = 300

/**
 * As `shareOf`, but piece by piece and added up: a phone or browser that skips frames on a loaded machine shifts the phase of
 * its tone, and over seconds the shifted parts cancel each other out. 300 ms between gaps leave 0.03 of `shareOf` and 0.97 of this.
 */
export function shareInPieces(hz: number, samples: ArrayLike<number>, sampleRateHz: number): number {
  let [tone, total] = [0, 0]
  for (const piece of faded(samples, Math.round((sampleRateHz * PIECE_MS) / 1000))) {
    tone += 3 * powerAt(hz, piece, sampleRateHz)
    total += meanSquare(piece)
  }
  return total === 0 ? 0 : tone / total
}

/** The largest share of a tone in any packet of 20 ms that is a voice at all: one foreign packet is nearly 1. */
export function mostInAPacket(hz: number, samples: ArrayLike<number>, sampleRateHz: number): number {
  const length = Math.round(sampleRateHz * 0.02)
  let most = 0
  for (const piece of faded(samples, length, length)) {
    const total = meanSquare(piece)
    if (total >= QUIET ** 2 * FADED) most = Math.max(most, (3 * powerAt(hz, piece, sampleRateHz)) / total)
  }
  return most
}

/** What a raised cosine leaves of the mean square. */
const FADED = 0.375

function* faded(samples: ArrayLike<number>, length: number, step = length / 2): Generator<Float64Array> {
  const fade = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length))
  for (let at = 0; at + length <= samples.length; at += step)
    yield fade.map((factor, i) => factor * (samples[at + i] ?? 0))
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
