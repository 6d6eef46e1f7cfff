import { encodeG711, type G711Law } from './g711.ts'
import type { VoiceCodec } from './voice-codec.ts'

export const MUSIC_RATE_HZ = 8000
const FRAME_SAMPLES = 160

/** What a caller hears while the agent holds: frames of 20 ms, from the first to the last and round again. */
export interface HoldMusic {
  /** undefined when there is none in this codec: the caller then hears the tone. */
  frames(codec: VoiceCodec): readonly Buffer[] | undefined
}

/** Music from samples; G.711 is coded when first asked for, other codecs come coded. */
export class PreparedMusic implements HoldMusic {
  readonly #samples: Int16Array
  readonly #frames: Map<VoiceCodec, readonly Buffer[]>

  /** `samples`: 8 kHz, one channel; what is left over at the end of the last frame is silence. */
  constructor(samples: Int16Array, coded: ReadonlyMap<VoiceCodec, readonly Buffer[]> = new Map()) {
    this.#samples = samples
    this.#frames = new Map(coded)
  }

  frames(codec: VoiceCodec): readonly Buffer[] | undefined {
    const known = this.#frames.get(codec)
    if (known !== undefined || (codec !== 'PCMU' && codec !== 'PCMA')) return known
    const coded = frameG711(codec, this.#samples)
    this.#frames.set(codec, coded)
    return coded
  }
}

function frameG711(law: G711Law, samples: Int16Array): Buffer[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, frame) =>
    Buffer.from(
      Uint8Array.from({ length: FRAME_SAMPLES }, (_, n) => encodeG711(law, samples[frame * FRAME_SAMPLES + n] ?? 0)),
    ),
  )
}
