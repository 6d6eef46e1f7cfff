import { beep } from './beep.ts'
import { FILLER_FRAMES } from './filler-frames.ts'
import { encodeG711, type G711Law, SILENCE_BYTE } from './g711.ts'
import type { HoldMusic } from './hold-music.ts'
import type { VoiceCodec } from './voice-codec.ts'

const FRAME_SAMPLES = 160
/** The beep, then silence, every four seconds. */
const PERIOD_FRAMES = 200

type Sound = { silence: Buffer; tone: readonly Buffer[] }

function makeG711(law: G711Law): Sound {
  const samples = beep()
  const tone = Array.from({ length: samples.length / FRAME_SAMPLES }, (_, frame) =>
    Buffer.from(
      Uint8Array.from(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES), s => encodeG711(law, s)),
    ),
  )
  return { silence: Buffer.alloc(FRAME_SAMPLES, SILENCE_BYTE[law]), tone }
}

const readFrames = (frames: { silence: string; tone: readonly string[] }): Sound => ({
  silence: Buffer.from(frames.silence, 'base64'),
  tone: frames.tone.map(frame => Buffer.from(frame, 'base64')),
})

const SOUNDS: Readonly<Record<VoiceCodec, Sound>> = {
  PCMU: makeG711('PCMU'),
  PCMA: makeG711('PCMA'),
  G722: readFrames(FILLER_FRAMES.G722),
  opus: readFrames(FILLER_FRAMES.opus),
}

export type FillerSound = 'silence' | 'tone' | 'music'

/** What the caller hears while no agent speaks. Frames are shared, never written to. */
export class Filler {
  readonly #sound: Sound
  readonly #music: readonly Buffer[] | undefined
  #kind: FillerSound = 'silence'
  #frame = 0

  constructor(codec: VoiceCodec, music?: HoldMusic) {
    this.#sound = SOUNDS[codec]
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
