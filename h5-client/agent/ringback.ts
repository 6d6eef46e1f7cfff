/** What a caller hears while it rings at the other end, where the network plays nothing: 450 Hz, one second in five (GF 002). */
const HZ = 450
const ON_S = 1
const EVERY_MS = 5_000
const LOUDNESS = 0.06

/** Made by the page only where no early media comes. */
export class Ringback {
  #context: AudioContext | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    if (this.#timer !== undefined) return
    this.#sound()
    this.#timer = setInterval(() => this.#sound(), EVERY_MS)
  }

  /** At once, in mid-tone too: somebody may just have said hello. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    void this.#context?.close()
    this.#context = undefined
  }

  #sound(): void {
    this.#context ??= new AudioContext()
    const context = this.#context
    const at = context.currentTime
    const oscillator = new OscillatorNode(context, { frequency: HZ })
    const gain = new GainNode(context, { gain: LOUDNESS })
    // No clicks at either end.
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02)
    gain.gain.setValueAtTime(LOUDNESS, at + ON_S - 0.02)
    gain.gain.linearRampToValueAtTime(0, at + ON_S)
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(at)
    oscillator.stop(at + ON_S)
  }
}
