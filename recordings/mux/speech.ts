/** One frame of analysis: short against a syllable, long against a pitch period. */
const FRAME_MS = 20
/** Speech stands so far above the quiet of the same line… */
const ABOVE_FLOOR_DB = 9
/** …and never below this: the hiss of a silent line is no speech (dBFS of 16 bit). */
const LEAST_DB = -50
/** The quiet of a line is looked for in windows of this length: a fan that starts in mid-call moves it. */
const FLOOR_WINDOW_MS = 10_000
const FLOOR_QUANTILE = 0.1
/** Breath and stop consonants inside a sentence are no pauses. */
const BRIDGE_MS = 300
const LEAST_SPEECH_MS = 120
/** Two syllables are hardly ever nearer than this (about nine a second). */
const LEAST_SYLLABLE_MS = 110
const SYLLABLE_DIP_DB = 2

export type Speech = {
  /** Stretches in which this party speaks, in ms on the call clock, ascending, not overlapping. */
  readonly segments: readonly (readonly [fromMs: number, toMs: number])[]
  /** Rises of loudness inside the segments: an estimate of the syllables spoken, good for comparing paces. */
  readonly syllables: number
  /** Mean level while speaking, dBFS; undefined when nothing was said. */
  readonly levelDb: number | undefined
}

export const SPEECH_FORMAT = 'tongping-speech/1'
export type SpeechOfCall = {
  readonly format: typeof SPEECH_FORMAT
  readonly durationMs: number
  readonly caller: Speech
  readonly agent: Speech
}

/**
 * When a party speaks, by loudness above the quiet of its own line: no model, no language, the same answer every time.
 * Music and tones count as speech; whoever judges a hold looks at the journal as well.
 */
export function findSpeech(pcm: Int16Array, rateHz: number): Speech {
  const levels = levelsOf(pcm, rateHz)
  const floors = floorsOf(levels)
  const loud = levels.map((level, i) => level > Math.max(LEAST_DB, (floors[i] ?? LEAST_DB) + ABOVE_FLOOR_DB))
  const segments: [number, number][] = []
  loud.forEach((speaks, i) => {
    if (!speaks) return
    const fromMs = i * FRAME_MS
    const last = segments.at(-1)
    if (last !== undefined && fromMs - last[1] <= BRIDGE_MS) last[1] = fromMs + FRAME_MS
    else segments.push([fromMs, fromMs + FRAME_MS])
  })
  const kept = segments.filter(([fromMs, toMs]) => toMs - fromMs >= LEAST_SPEECH_MS)
  const spoken = kept.flatMap(([fromMs, toMs]) => levels.slice(fromMs / FRAME_MS, toMs / FRAME_MS))
  return {
    segments: kept,
    syllables: kept.reduce((sum, [from, to]) => sum + syllablesIn(levels, from / FRAME_MS, to / FRAME_MS), 0),
    levelDb: spoken.length === 0 ? undefined : Math.round(meanDb(spoken) * 10) / 10,
  }
}

function levelsOf(pcm: Int16Array, rateHz: number): number[] {
  const step = Math.round((rateHz * FRAME_MS) / 1000)
  const levels: number[] = []
  for (let from = 0; from < pcm.length; from += step) {
    const to = Math.min(pcm.length, from + step)
    let sum = 0
    for (let i = from; i < to; i++) sum += (pcm[i] ?? 0) ** 2
    levels.push(10 * Math.log10(sum / (to - from) / 32768 ** 2 + 1e-12))
  }
  return levels
}

/** The quiet of the line around each frame. Digital silence says nothing about a microphone and is left out. */
function floorsOf(levels: readonly number[]): number[] {
  const window = FLOOR_WINDOW_MS / FRAME_MS
  const floors: number[] = []
  for (let from = 0; from < levels.length; from += window) {
    const near = levels.slice(Math.max(0, from - window / 2), from + window * 1.5).filter(level => level > -90)
    near.sort((a, b) => a - b)
    const floor = near[Math.floor(near.length * FLOOR_QUANTILE)] ?? LEAST_DB
    for (let i = from; i < Math.min(levels.length, from + window); i++) floors.push(Math.min(floor, -30))
  }
  return floors
}

function meanDb(levels: readonly number[]): number {
  return 10 * Math.log10(levels.reduce((sum, level) => sum + 10 ** (level / 10), 0) / levels.length)
}

/** Peaks of the loudness that stand above the dips on both sides. */
function syllablesIn(levels: readonly number[], from: number, to: number): number {
  const least = LEAST_SYLLABLE_MS / FRAME_MS
  let count = 0
  let lastPeak = Number.NEGATIVE_INFINITY
  let dip = Number.POSITIVE_INFINITY
  for (let i = from; i < to; i++) {
    const level = smooth(levels, i)
    dip = Math.min(dip, level)
    const isPeak = level >= smooth(levels, i - 1) && level > smooth(levels, i + 1)
    if (!isPeak || i - lastPeak < least || (count > 0 && level - dip < SYLLABLE_DIP_DB)) continue
    count += 1
    lastPeak = i
    dip = level
  }
  return count
}

function smooth(levels: readonly number[], i: number): number {
  const at = (k: number) => levels[k] ?? -120
  return (at(i - 1) + 2 * at(i) + at(i + 1)) / 4
}
