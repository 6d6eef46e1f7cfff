import type { Grey } from './grey.ts'
import { copyWindow } from './window.ts'

/** Squares of 11×11 are compared; the template is one wider on each side for its gradients. */
export const HALF = 5
const SIDE = 2 * HALF + 1
const COUNT = SIDE * SIDE
const WIDE = SIDE + 2
export const TEMPLATE_HALF = HALF + 1
export const TEMPLATE_COUNT = WIDE * WIDE

export type Alignment = { x: number; y: number /** Normalised correlation at the end, −1..1. */; likeness: number }

const MAX_STEPS = 8
const SMALL_STEP = 0.02
/** Mean smaller eigenvalue of the gradients: below this a square slides along an edge or over nothing. */
const MIN_TEXTURE = 3

/** Scratch memory for aligning squares: one per tracker, so that a frame allocates nothing. */
export class Aligner {
  readonly template = new Float32Array(TEMPLATE_COUNT)
  readonly #gradientX = new Float32Array(COUNT)
  readonly #gradientY = new Float32Array(COUNT)
  readonly #values = new Float32Array(COUNT)
  readonly #window = new Float32Array(COUNT)
  #xx = 0
  #xy = 0
  #yy = 0
  #determinant = 0
  #spread = 0
  #alongX = 0
  #alongY = 0

  /** Makes `template` (filled by the caller) ready to be looked for. False when it has too little texture. */
  prepare(): boolean {
    const t = this.template
    let meanX = 0
    let meanY = 0
    let mean = 0
    for (let row = 0, to = 0; row < SIDE; row += 1) {
      let at = (row + 1) * WIDE + 1
      for (let column = 0; column < SIDE; column += 1, at += 1, to += 1) {
        const gx = 0.5 * (t[at + 1]! - t[at - 1]!)
        const gy = 0.5 * (t[at + WIDE]! - t[at - WIDE]!)
        this.#gradientX[to] = gx
        this.#gradientY[to] = gy
        this.#values[to] = t[at]!
        meanX += gx
        meanY += gy
        mean += t[at]!
      }
    }
    meanX /= COUNT
    meanY /= COUNT
    mean /= COUNT
    let xx = 0
    let xy = 0
    let yy = 0
    let spread = 0
    let alongX = 0
    let alongY = 0
    for (let i = 0; i < COUNT; i += 1) {
      // Without their means, a change of brightness does not move the square.
      const gx = this.#gradientX[i]! - meanX
      const gy = this.#gradientY[i]! - meanY
      const value = this.#values[i]! - mean
      this.#gradientX[i] = gx
      this.#gradientY[i] = gy
      this.#values[i] = value
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
      spread += value * value
      alongX += gx * value
      alongY += gy * value
    }
    this.#alongX = alongX
    this.#alongY = alongY
    this.#xx = xx
    this.#xy = xy
    this.#yy = yy
    this.#determinant = xx * yy - xy * xy
    this.#spread = Math.sqrt(spread)
    const smaller = (xx + yy) / 2 - Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    return smaller > MIN_TEXTURE * COUNT
  }

  /** Moves the square from (x, y) to where it looks most like the template. False when it runs away. */
  seek(image: Grey, startX: number, startY: number, reachPx: number, out: Alignment): boolean {
    let x = startX
    let y = startY
    const window = this.#window
    let likeness = -1
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (!copyWindow(image, x, y, HALF, window)) return false
      let mean = 0
      for (let i = 0; i < COUNT; i += 1) mean += window[i]!
      mean /= COUNT
      let product = 0
      let spread = 0
      let alongX = 0
      let alongY = 0
      for (let i = 0; i < COUNT; i += 1) {
        const value = window[i]! - mean
        product += value * this.#values[i]!
        spread += value * value
        alongX += value * this.#gradientX[i]!
        alongY += value * this.#gradientY[i]!
      }
      spread = Math.sqrt(spread)
      likeness = product / (spread * this.#spread + 1e-6)
      // A change of contrast (lamp, exposure) is divided out, within reason.
      const gain = Math.min(3, Math.max(0.33, this.#spread / (spread + 1e-6)))
      const bx = this.#alongX - gain * alongX
      const by = this.#alongY - gain * alongY
      const dx = (this.#yy * bx - this.#xy * by) / this.#determinant
      const dy = (this.#xx * by - this.#xy * bx) / this.#determinant
      const length = Math.hypot(dx, dy)
      // Beyond two pixels the linear picture of the world ends.
      const shorter = length > 2 ? 2 / length : 1
      x += dx * shorter
      y += dy * shorter
      if (!(Math.abs(x - startX) < reachPx && Math.abs(y - startY) < reachPx)) return false
      if (length < SMALL_STEP) break
    }
    out.x = x
    out.y = y
    out.likeness = likeness
    return true
  }
}
