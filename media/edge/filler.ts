import { encodeG711, SILENCE_BYTE, type VoiceCodec } from './g711.ts'
import { FRAME_SAMPLES } from './rtp-rebase.ts'

const SAMPLE_RATE = 8000
/** A soft 425 Hz beep of 0.4 s, then 3.6 s of silence: "please wait", as exchanges in China and Europe sound. */
const TONE_HZ = 425
const TONE_FRAMES = 20
const PERIOD_FRAMES = 200
const RAMP_SAMPLES = 160
/** About -23 dBm0: audible over a phone, never startling. */
const TONE_AMPLITUDE = 2000

type Sound = { silence: Buffer; tone: readonly Buffer[] }

function makeSound(codec: VoiceCodec): Sound {
  const samples = TONE_FRAMES * FRAME_SAMPLES
  const tone = Array.from({ length: TONE_FRAMES }, () => Buffer.alloc(FRAME_SAMPLES))
  for (let n = 0; n < samples; n++) {
    const ramp = Math.min(1, n / RAMP_SAMPLES, (samples - n) / RAMP_SAMPLES)
    const sample = Math.round(ramp * TONE_AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE))
    tone[Math.floor(n / FRAME_SAMPLES)]![n % FRAME_SAMPLES] = encodeG711(codec, sample)
  }
  return { silence: Buffer.alloc(FRAME_SAMPLES, SILENCE_BYTE[codec]), tone }
}

const SOUNDS: Record<VoiceCodec, Sound> = { PCMU: makeSound('PCMU'), PCMA: makeSound('PCMA') }

/** What the caller hears while no agent speaks: silence, or the hold tone. Frames are shared, never written to. */
export class Filler {
  readonly #sound: Sound
  #tone = false
  #frame = 0

  constructor(codec: VoiceCodec) {
    this.#sound = SOUNDS[codec]
  }

  get tone(): boolean {
    return this.#tone
  }

  set tone(on: boolean) {
    if (on && !this.#tone) this.#frame = 0
    this.#tone = on
  }

  /** The next 20 ms, 160 bytes. */
  next(): Buffer {
    if (!this.#tone) return this.#sound.silence
    const frame = this.#frame
    this.#frame = (frame + 1) % PERIOD_FRAMES
    return this.#sound.tone[frame] ?? this.#sound.silence
  }
}
