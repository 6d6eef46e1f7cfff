import type { Grey } from './grey.ts'

export type Quarter = 0 | 90 | 180 | 270
export type Spot = { readonly x: number; readonly y: number }
/** A turned picture, and where each of its points lay before. */
export type Turned = { readonly grey: Grey; readonly back: (spot: Spot) => Spot }

/** Turned clockwise by whole quarters; no pixel is computed anew. */
export function turnedByQuarter(grey: Grey, quarter: Quarter): Turned {
  if (quarter === 0) return { grey, back: spot => spot }
  const { widthPx: w, heightPx: h } = grey
  const [widthPx, heightPx] = quarter === 180 ? [w, h] : [h, w]
  const back = (spot: Spot): Spot => {
    if (quarter === 90) return { x: spot.y, y: h - spot.x }
    if (quarter === 180) return { x: w - spot.x, y: h - spot.y }
    return { x: w - spot.y, y: spot.x }
  }
  const data = new Uint8Array(w * h)
  for (let y = 0, at = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1, at += 1) {
      const from = back({ x: x + 0.5, y: y + 0.5 })
      data[at] = grey.data[Math.floor(from.y) * w + Math.floor(from.x)] ?? 255
    }
  }
  return { grey: { data, widthPx, heightPx }, back }
}

/**
 * Turned clockwise about its middle by a few degrees, bilinear; the canvas grows so that nothing is cut off, and the corners
 * continue the nearest edge, for any flat colour there would make an edge of its own.
 */
export function turnedBy(grey: Grey, clockwiseDeg: number): Turned {
  if (Math.abs(clockwiseDeg) < 0.05) return { grey, back: spot => spot }
  const angle = (clockwiseDeg * Math.PI) / 180
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const { widthPx: w, heightPx: h } = grey
  const widthPx = Math.ceil(w * Math.abs(cos) + h * Math.abs(sin))
  const heightPx = Math.ceil(w * Math.abs(sin) + h * Math.abs(cos))
  const back = ({ x, y }: Spot): Spot => {
    const dx = x - widthPx / 2
    const dy = y - heightPx / 2
    return { x: w / 2 + dx * cos + dy * sin, y: h / 2 - dx * sin + dy * cos }
  }
  const data = new Uint8Array(widthPx * heightPx)
  const source = grey.data
  for (let y = 0, at = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1, at += 1) {
      const dx = x + 0.5 - widthPx / 2
      const dy = y + 0.5 - heightPx / 2
      const sx = Math.max(0, Math.min(w - 1.001, w / 2 + dx * cos + dy * sin - 0.5))
      const sy = Math.max(0, Math.min(h - 1.001, h / 2 - dx * sin + dy * cos - 0.5))
      const ix = Math.floor(sx)
      const iy = Math.floor(sy)
      const fx = sx - ix
      const fy = sy - iy
      const p = iy * w + ix
      const right = ix + 1 < w ? 1 : 0
      const below = iy + 1 < h ? w : 0
      const top = (source[p] ?? 0) * (1 - fx) + (source[p + right] ?? 0) * fx
      const bottom = (source[p + below] ?? 0) * (1 - fx) + (source[p + below + right] ?? 0) * fx
      data[at] = top * (1 - fy) + bottom * fy
    }
  }
  return { grey: { data, widthPx, heightPx }, back }
}
