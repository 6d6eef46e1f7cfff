import { encodeG711, type G711Law, SILENCE_BYTE } from './g711.ts'
import type { HoldMusic } from './hold-music.ts'
import type { VoiceCodec } from './voice-codec.ts'

const SAMPLE_RATE = 8000
const FRAME_SAMPLES = 160
/** A soft 425 Hz beep of 0.4 s, then 3.6 s of silence: "please wait", as exchanges in China and Europe sound. */
const TONE_HZ = 425
const TONE_FRAMES = 20
const PERIOD_FRAMES = 200
const RAMP_SAMPLES = 160
/** About -23 dBm0: audible over a phone, never startling. */
const TONE_AMPLITUDE = 2000

type Sound = { silence: Buffer; tone: readonly Buffer[] }

/** The beep as samples at 8 kHz. */
export function beep(): Int16Array {
  const samples = TONE_FRAMES * FRAME_SAMPLES
  return Int16Array.from({ length: samples }, (_, n) => {
    const ramp = Math.min(1, n / RAMP_SAMPLES, (samples - n) / RAMP_SAMPLES)
    return Math.round(ramp * TONE_AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE))
  })
}

function makeSound(law: G711Law): Sound {
  const samples = beep()
  const tone = Array.from({ length: TONE_FRAMES }, (_, frame) =>
    Buffer.from(
      Uint8Array.from(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES), s => encodeG711(law, s)),
    ),
  )
  return { silence: Buffer.alloc(FRAME_SAMPLES, SILENCE_BYTE[law]), tone }
}

const SOUNDS = { PCMU: makeSound('PCMU'), PCMA: makeSound('PCMA') } as const

export type FillerSound = 'silence' | 'tone' | 'music'

/** What the caller hears while no agent speaks. Frames are shared, never written to. */
export class Filler {
  readonly #sound: Sound
  readonly #music: readonly Buffer[] | undefined
  #kind: FillerSound = 'silence'
  #frame = 0

  constructor(codec: VoiceCodec, music?: HoldMusic) {
    this.#sound = SOUNDS[codec as G711Law]
    const frames = music?.frames(codec)
    this.#music = frames !== undefined && frames.length > 0 ? frames : undefined
  }

  set sound(kind: FillerSound) {
    if (kind !== this.#kind) this.#frame = 0
    this.#kind = kind
  }

  /** The next 20 ms. */
  next(): Buffer {
    if (this.#kind === 'silence') return this.#sound.silence
    const music = this.#kind === 'music' ? this.#music : undefined
    const frame = this.#frame
    this.#frame = (frame + 1) % (music?.length ?? PERIOD_FRAMES)
    return (music ?? this.#sound.tone)[frame] ?? this.#sound.silence
  }
}
