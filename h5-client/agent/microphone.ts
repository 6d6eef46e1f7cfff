import { Store } from '../shared/console/store.ts'

export type MicrophoneTrouble = 'denied' | 'missing' | 'busy' | 'not-secure' | 'failed'
export type MicrophoneState =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'ready'; readonly label: string; readonly muted: boolean }
  | { readonly kind: 'trouble'; readonly trouble: MicrophoneTrouble }
  /** The device went away while in use (headset unplugged). */
  | { readonly kind: 'unplugged' }

/** No microphone for this reason; the page has words for each. */
export class MicrophoneError extends Error {
  override name = 'MicrophoneError'
  readonly trouble: MicrophoneTrouble
  constructor(trouble: MicrophoneTrouble, options?: ErrorOptions) {
    super(`no microphone: ${trouble}`, options)
    this.trouble = trouble
  }
}

/**
 * Echo cancelling, noise suppression and gain control of the browser. Contact-centre headsets do that themselves and
 * sound better without a second pass, so an agent can switch it off; remembered per machine.
 */
const PROCESSING_KEY = 'tongping.voice-processing'

export function troubleOf(error: unknown): MicrophoneTrouble {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}

/** The agent's microphone: asked for once, then kept warm, so that answering does not wait for a device. */
export class Microphone {
  readonly state = new Store<MicrophoneState>({ kind: 'unasked' })
  #track: MediaStreamTrack | undefined
  #asking: Promise<MediaStreamTrack> | undefined
  #muted = false
  #onReplaced: ((track: MediaStreamTrack) => void) | undefined

  /** Told when another track takes over: a device came back, or processing was switched. */
  onReplaced(listener: (track: MediaStreamTrack) => void): void {
    this.#onReplaced = listener
  }

  get processing(): boolean {
    return localStorage.getItem(PROCESSING_KEY) !== 'off'
  }

  /** Asks the browser on first use. Rejects with MicrophoneError. */
  track(): Promise<MediaStreamTrack> {
    if (this.#track?.readyState === 'live') return Promise.resolve(this.#track)
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** Muted, silence goes on flowing, so that the caller's side does not take the agent for gone. */
  setMuted(muted: boolean): void {
    this.#muted = muted
    if (this.#track) this.#track.enabled = !muted
    this.state.update(state => (state.kind === 'ready' ? { ...state, muted } : state))
  }

  /** Switches the browser's voice processing; takes the device anew. */
  async setProcessing(on: boolean): Promise<void> {
    localStorage.setItem(PROCESSING_KEY, on ? 'on' : 'off')
    if (!this.#track) return
    this.#release()
    this.#onReplaced?.(await this.track())
  }

  close(): void {
    this.#release()
    this.state.update(() => ({ kind: 'unasked' }))
  }

  #release(): void {
    this.#track?.stop()
    this.#track = undefined
  }

  async #ask(): Promise<MediaStreamTrack> {
    this.state.update(() => ({ kind: 'asking' }))
    try {
      const track = await this.#open()
      track.enabled = !this.#muted
      track.addEventListener('ended', () => this.#lost(track))
      this.#track = track
      this.state.update(() => ({ kind: 'ready', label: track.label, muted: this.#muted }))
      return track
    } catch (error) {
      const trouble = error instanceof MicrophoneError ? error.trouble : troubleOf(error)
      this.state.update(() => ({ kind: 'trouble', trouble }))
      throw new MicrophoneError(trouble, { cause: error })
    }
  }

  async #open(): Promise<MediaStreamTrack> {
    // Browsers hide mediaDevices on plain HTTP.
    if (!navigator.mediaDevices) throw new MicrophoneError('not-secure')
    const on = this.processing
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: on, noiseSuppression: on, autoGainControl: on, channelCount: 1 },
    })
    const [track] = stream.getAudioTracks()
    if (!track) throw new MicrophoneError('missing')
    return track
  }

  /** A headset was pulled out: take whatever device is left, the call is still on. */
  #lost(track: MediaStreamTrack): void {
    if (track !== this.#track) return
    this.#track = undefined
    this.state.update(() => ({ kind: 'unplugged' }))
    this.track().then(
      next => this.#onReplaced?.(next),
      () => undefined,
    )
  }
}
