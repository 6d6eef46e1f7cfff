import type { Grey } from './grey.ts'
import type { Row } from './text-rows.ts'
import type { Spot } from './text-turn.ts'

/** A line of print cut out of the picture, standing straight, with white around it. */
export type Strip = { readonly grey: Grey; readonly back: (spot: Spot) => Spot }

/** White around the line, in letters: the engine misreads print that touches the edge. */
const MARGIN_LETTERS = 0.6
/** Of the picture around the line, in letters: accents and commas that were not seen as ink. */
const AROUND_LETTERS = 0.3

/**
 * Samples the line bilinearly, turned and sized in one step.
 * @param row in pixels of `grey`, which should already be about as small as the strip
 * @param letterPx wanted height of a letter
 */
export function stripOf(grey: Grey, row: Row, letterPx: number): Strip {
  const scale = letterPx / row.letterPx
  const angle = (row.angleDeg * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const around = row.letterPx * AROUND_LETTERS
  const widthPx = Math.max(8, Math.min(6000, Math.round((row.lengthPx + 2 * around) * scale)))
  const heightPx = Math.max(8, Math.min(400, Math.round((row.heightPx + 2 * around) * scale)))
  const at = (x: number, y: number): Spot => {
    const u = (x - widthPx / 2) / scale
    const v = (y - heightPx / 2) / scale
    return { x: row.centre.x + u * cos + v * sin, y: row.centre.y - u * sin + v * cos }
  }
  const data = new Uint8Array(widthPx * heightPx)
  const { widthPx: w, heightPx: h, data: source } = grey
  for (let y = 0, to = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1, to += 1) {
      const from = at(x + 0.5, y + 0.5)
      const sx = Math.max(0, Math.min(w - 1.001, from.x - 0.5))
      const sy = Math.max(0, Math.min(h - 1.001, from.y - 0.5))
      const ix = Math.floor(sx)
      const iy = Math.floor(sy)
      const fx = sx - ix
      const fy = sy - iy
      const p = iy * w + ix
      const top = (source[p] ?? 0) * (1 - fx) + (source[p + 1] ?? 0) * fx
      const bottom = (source[p + w] ?? 0) * (1 - fx) + (source[p + w + 1] ?? 0) * fx
      data[to] = top * (1 - fy) + bottom * fy
    }
  }
  return { grey: { data, widthPx, heightPx }, back: spot => at(spot.x, spot.y) }
}

/** The strip in a white frame, and where its pixels lie in the picture. */
export function framed(strip: Strip, letterPx: number): Strip {
  const margin = Math.round(letterPx * MARGIN_LETTERS)
  const { grey, back } = strip
  const widthPx = grey.widthPx + 2 * margin
  const heightPx = grey.heightPx + 2 * margin
  const data = new Uint8Array(widthPx * heightPx).fill(255)
  for (let y = 0; y < grey.heightPx; y += 1) {
    data.set(grey.data.subarray(y * grey.widthPx, (y + 1) * grey.widthPx), (y + margin) * widthPx + margin)
  }
  return {
    grey: { data, widthPx, heightPx },
    back: spot => back({ x: spot.x - margin, y: spot.y - margin }),
  }
}
