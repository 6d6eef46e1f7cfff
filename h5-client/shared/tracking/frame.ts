import { describe, type Feature } from './describe.ts'
import { type Grey, type Pyramid, pyramidOf } from './grey.ts'

/** Places looked for in a frame when something has to be found again. */
const SEARCHED = 420

/** One picture with what the trackers of all marks share: computed once, and only when somebody asks. */
export class Frame {
  readonly width: number
  readonly height: number
  readonly pyramid: Pyramid
  #features: readonly Feature[] | undefined

  constructor(image: Grey) {
    this.width = image.width
    this.height = image.height
    this.pyramid = pyramidOf(image)
  }

  get features(): readonly Feature[] {
    this.#features ??= describe(this.pyramid[0]!, { atMost: SEARCHED, apartPx: 4 })
    return this.#features
  }
}
