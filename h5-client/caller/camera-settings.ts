import { capabilitiesOf, FOCUS_MODES } from './camera-abilities.ts'

/** What is set on a running camera beyond its picture's size. */
export type CameraSettings = {
  readonly torch: boolean
  /** Undefined: as the camera came. */
  readonly zoom: number | undefined
}
type Wishes = { torch?: boolean; zoom?: number; focusMode?: string; pointsOfInterest?: { x: number; y: number }[] }

/**
 * Light, zoom and focus of one track. Every change sets all of them again: browsers take what is not named as not
 * wanted any more, and a zoom that switches the light off would be a riddle to the agent.
 */
export class CameraKnobs {
  readonly #track: MediaStreamTrack
  readonly #size: MediaTrackConstraints
  #torch = false
  #zoom: number | undefined

  /** `size`: the constraints the track was asked for with. */
  constructor(track: MediaStreamTrack, size: MediaTrackConstraints) {
    this.#track = track
    this.#size = size
  }

  get settings(): CameraSettings {
    return { torch: this.#torch, zoom: this.#zoom }
  }

  /** @throws when the device refuses */
  async torch(on: boolean): Promise<void> {
    await this.#apply({ torch: on })
    this.#torch = on
  }

  /** Kept within what the lens can do. @returns what was set. @throws when the device refuses */
  async zoom(ratio: number): Promise<number> {
    const range = capabilitiesOf(this.#track).zoom
    const zoom = Math.min(range?.max ?? ratio, Math.max(range?.min ?? ratio, ratio))
    await this.#apply({ zoom })
    this.#zoom = zoom
    return zoom
  }

  /** `x`, `y` in 0..1 of the picture. @throws when the device refuses */
  async focus(x: number, y: number): Promise<void> {
    const modes = capabilitiesOf(this.#track).focusMode ?? []
    const focusMode = FOCUS_MODES.find(mode => modes.includes(mode))
    await this.#apply({ pointsOfInterest: [{ x, y }], ...(focusMode !== undefined && { focusMode }) })
  }

  async #apply(wish: Wishes): Promise<void> {
    const wishes: Wishes = {
      ...(this.#torch && { torch: true }),
      ...(this.#zoom !== undefined && { zoom: this.#zoom }),
      ...wish,
    }
    const advanced = [wishes as MediaTrackConstraintSet]
    const widthBefore = this.#track.getSettings().width ?? 0
    // Alone, because Chromium does not take them together with a size.
    await this.#track.applyConstraints({ advanced })
    // WebKit takes the missing size as none wanted, and gives its smallest.
    if ((this.#track.getSettings().width ?? 0) < widthBefore) {
      await this.#track.applyConstraints({ ...this.#size, advanced })
    }
  }
}
