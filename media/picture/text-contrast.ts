import type { Grey } from './grey.ts'

/** Least contrast (of 255) taken for print; under it lie noise, folds and shadows. */
const LEAST_CONTRAST = 9
/** Print stands out from its paper by this many times what the paper itself varies by. */
const NOISE_FACTOR = 4.5
/** Of the strongest contrast in the picture (in relation to the light on it), what print must have. */
const WEAK_SHARE = 0.4

/** Brightness of ink and paper in each tile of a picture. */
export type Levels = {
  readonly tilePx: number
  readonly across: number
  readonly down: number
  readonly low: Float32Array
  readonly high: Float32Array
  /** By how much paper varies: noise, not print. */
  readonly noise: number
}

/** Measures tiles of `tilePx`; a tile should hold a few letters, so that it knows both paper and ink. */
export function levelsOf(grey: Grey, tilePx: number): Levels {
  const across = Math.max(1, Math.ceil(grey.widthPx / tilePx))
  const down = Math.max(1, Math.ceil(grey.heightPx / tilePx))
  const low = new Float32Array(across * down)
  const high = new Float32Array(across * down)
  const noises: number[] = []
  const histogram = new Uint32Array(256)
  for (let tile = 0; tile < across * down; tile += 1) {
    histogram.fill(0)
    let count = 0
    const x0 = (tile % across) * tilePx
    const y0 = Math.floor(tile / across) * tilePx
    for (let y = y0; y < Math.min(grey.heightPx, y0 + tilePx); y += 1) {
      for (let x = x0; x < Math.min(grey.widthPx, x0 + tilePx); x += 1) {
        const value = grey.data[y * grey.widthPx + x] ?? 0
        histogram[value] = (histogram[value] ?? 0) + 1
        count += 1
      }
    }
    low[tile] = quantileOf(histogram, count * 0.03)
    high[tile] = quantileOf(histogram, count * 0.85)
    // The brighter half only: ink lies in the darker one.
    noises.push(quantileOf(histogram, count * 0.95) - quantileOf(histogram, count * 0.55))
  }
  noises.sort((a, b) => a - b)
  return { tilePx, across, down, low, high, noise: noises[noises.length >> 2] ?? 0 }
}

/**
 * Dark print on white everywhere, whatever the light: paper and ink are taken from the levels, smoothed between the tiles, and
 * stretched to white and black. Places without print become white instead of noise.
 */
export function evenedOut(ink: Grey, levels: Levels): Grey {
  const { tilePx, across, down } = levels
  // By the light that falls on it: print in a shadow has less contrast, and noise less of it too.
  const shares = [...levels.high].map((paper, i) => (paper - (levels.low[i] ?? 0)) / (paper + 24)).sort((a, b) => a - b)
  const strongest = shares[Math.floor(shares.length * 0.97)] ?? 0
  const floor = Math.max(LEAST_CONTRAST, levels.noise * NOISE_FACTOR)
  const { widthPx, heightPx } = ink
  const data = new Uint8Array(widthPx * heightPx)
  for (let y = 0, at = 0; y < heightPx; y += 1) {
    const ty = Math.max(0, Math.min(down - 1, (y + 0.5) / tilePx - 0.5))
    const y0 = Math.floor(ty)
    const row0 = y0 * across
    const row1 = Math.min(down - 1, y0 + 1) * across
    const fy = ty - y0
    for (let x = 0; x < widthPx; x += 1, at += 1) {
      const tx = Math.max(0, Math.min(across - 1, (x + 0.5) / tilePx - 0.5))
      const x0 = Math.floor(tx)
      const x1 = Math.min(across - 1, x0 + 1)
      const fx = tx - x0
      const mixed = (of: Float32Array) =>
        ((of[row0 + x0] ?? 0) * (1 - fx) + (of[row0 + x1] ?? 0) * fx) * (1 - fy) +
        ((of[row1 + x0] ?? 0) * (1 - fx) + (of[row1 + x1] ?? 0) * fx) * fy
      const paper = mixed(levels.high)
      const contrast = Math.max(floor, strongest * WEAK_SHARE * (paper + 24), paper - mixed(levels.low))
      data[at] = Math.max(0, Math.min(255, 255 * (1 - (paper - (ink.data[at] ?? 0)) / contrast)))
    }
  }
  return { data, widthPx, heightPx }
}

export function inverted(grey: Grey): Grey {
  return { ...grey, data: grey.data.map(value => 255 - value) }
}

/** Ink covers less than paper: where there is contrast, the rarer side of the middle is the print. */
export function isPrintLight(grey: Grey, tilePx: number): boolean {
  const { across, low, high } = levelsOf(grey, tilePx)
  const inverse = levelsOf(inverted(grey), tilePx)
  let light = 0
  let all = 0
  // Both ends of the brightness count here: 3 % from either side.
  const contrasts = [...low].map((dark, i) => Math.max((high[i] ?? 0) - dark, 255 - (inverse.low[i] ?? 0) - dark))
  const strong = Math.max(LEAST_CONTRAST, Math.max(...contrasts) * 0.4)
  for (let tile = 0; tile < contrasts.length; tile += 1) {
    const contrast = contrasts[tile] ?? 0
    if (contrast < strong) continue
    const middle = (low[tile] ?? 0) + contrast / 2
    const x0 = (tile % across) * tilePx
    const y0 = Math.floor(tile / across) * tilePx
    let above = 0
    let seen = 0
    for (let y = y0; y < Math.min(grey.heightPx, y0 + tilePx); y += 2) {
      for (let x = x0; x < Math.min(grey.widthPx, x0 + tilePx); x += 2) {
        if ((grey.data[y * grey.widthPx + x] ?? 0) > middle) above += 1
        seen += 1
      }
    }
    const share = above / seen
    // A tile on the edge of a label is half and half, and says nothing about print.
    if (share > 0.38 && share < 0.62) continue
    if (share <= 0.38) light += 1
    all += 1
  }
  return light > all / 2
}

function quantileOf(histogram: Uint32Array, rank: number): number {
  let seen = 0
  for (let value = 0; value < 256; value += 1) {
    seen += histogram[value] ?? 0
    if (seen > rank) return value
  }
  return 255
}
