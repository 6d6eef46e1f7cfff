/** Two soft tones a second apart from speech: heard in a headset, not startling. */
const TONES_HZ = [587, 784]
const EVERY_MS = 2_400
const LOUDNESS = 0.08

/** Rings at the desk. Silent where the browser does not let a page sound before the first click. */
export class Ringer {
  #context: AudioContext | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    if (this.#timer !== undefined) return
    this.#ring()
    this.#timer = setInterval(() => this.#ring(), EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    void this.#context?.close()
    this.#context = undefined
  }

  #ring(): void {
    this.#context ??= new AudioContext()
    const context = this.#context
    // A suspended context would play all missed rings at once when it wakes.
    if (context.state === 'suspended') {
      void context.resume()
      return
    }
    TONES_HZ.forEach((hz, index) => {
      const at = context.currentTime + index * 0.18
      const oscillator = new OscillatorNode(context, { frequency: hz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, at)
      gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02)
      gain.gain.exponentialRampToValueAtTime(0.0005, at + 0.5)
      oscillator.connect(gain).connect(context.destination)
      oscillator.start(at)
      oscillator.stop(at + 0.55)
    })
  }
}
