import type { Grey } from './grey.ts'

/** Connected ink of the size of a letter (or of a stroke of a Chinese one), in pixels of the page it was found on. */
export type Letter = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
export type Ink = {
  readonly letters: readonly Letter[]
  /** Points of that ink, x and y in turn. */
  readonly points: Int16Array
}

/** Darker than this on an evened-out page is ink. */
const INK = 110
const MAX_POINTS = 30_000
const SMALLEST_PX = 4
const FEWEST_PIXELS = 8

/**
 * Letters of a page of dark print on white; frames, shadows and specks are left out.
 * @param tallestPx what is higher is no letter
 */
export function inkOf(page: Grey, tallestPx: number): Ink {
  const { widthPx, heightPx, data } = page
  const seen = new Uint8Array(widthPx * heightPx)
  const members = new Int32Array(widthPx * heightPx)
  const letters: Letter[] = []
  const kept: number[] = []
  for (let start = 0; start < data.length; start += 1) {
    if (seen[start] === 1 || (data[start] ?? 255) >= INK) continue
    let [top, bottom, left, right] = [heightPx, 0, widthPx, 0]
    // The list of members is the queue of the flood at once.
    let filled = 0
    let next = 0
    members[filled++] = start
    seen[start] = 1
    while (next < filled) {
      const at = members[next++] ?? 0
      const x = at % widthPx
      const y = (at - x) / widthPx
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
      for (let ny = Math.max(0, y - 1); ny <= Math.min(heightPx - 1, y + 1); ny += 1) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(widthPx - 1, x + 1); nx += 1) {
          const other = ny * widthPx + nx
          if (seen[other] === 1 || (data[other] ?? 255) >= INK) continue
          seen[other] = 1
          members[filled++] = other
        }
      }
    }
    const height = bottom - top + 1
    const width = right - left + 1
    if (Math.max(height, width) < SMALLEST_PX || filled < FEWEST_PIXELS || height > tallestPx) continue
    // A rule under a line of text is no letter either.
    if (width > height * 12 || width > widthPx * 0.9) continue
    letters.push({ left, top, width, height })
    for (let i = 0; i < filled; i += 1) kept.push(members[i] ?? 0)
  }
  const step = Math.max(1, Math.ceil(kept.length / MAX_POINTS))
  const points = new Int16Array(Math.ceil(kept.length / step) * 2)
  for (let i = 0, at = 0; i < kept.length; i += step, at += 2) {
    const index = kept[i] ?? 0
    points[at] = index % widthPx
    points[at + 1] = Math.floor(index / widthPx)
  }
  return { letters, points }
}
