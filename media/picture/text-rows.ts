import type { Letter } from './text-ink.ts'
import { median } from './text-skew.ts'

/** One line of print: its axis runs through the middle of its letters. Pixels of the page it was found on, degrees clockwise. */
export type Row = {
  readonly centre: { readonly x: number; readonly y: number }
  readonly angleDeg: number
  readonly lengthPx: number
  readonly heightPx: number
  /** Of a capital letter or a Chinese character. */
  readonly letterPx: number
}

/** Gaps between words of one line, in heights of the larger letter. */
const WIDEST_GAP = 2.2
/** How far letters of one line may be off its axis, in heights. */
const OFF_AXIS = 0.55

/** What is so many times higher than a line's letters is none of them: a frame, the edge of a label. */
const TALLER = 2.2
/** Of the height of a whole line. */
const LETTER_SHARE = 0.75
/** A single thing of so many times the usual height is no print. */
const HUGE = 2.6

type Placed = Letter & { readonly u: number; readonly v: number; readonly half: number }
type Chain = { readonly members: Placed[] }

/**
 * Joins letters into lines, left to right along the skew of the page; each line then gets an angle of its own, which is what
 * a picture taken from the side needs.
 * @param skewDeg by how much the page must be turned clockwise to stand straight
 */
export function rowsOf(letters: readonly Letter[], skewDeg: number): Row[] {
  const typical = typicalLetterPx(letters)
  const angle = (skewDeg * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const placed = letters
    .map(letter => {
      const x = letter.left + letter.width / 2
      const y = letter.top + letter.height / 2
      // Along the line and across it, as they are once the page stands straight.
      return { ...letter, u: x * cos - y * sin, v: y * cos + x * sin, half: letter.width / 2 }
    })
    .sort((a, b) => a.u - b.u)
  const chains: Chain[] = []
  for (const letter of placed) {
    const chain = nearest(chains, letter, typical)
    if (chain === undefined) chains.push({ members: [letter] })
    else chain.members.push(letter)
  }
  return joined(chains, typical)
    .map(chain => rowOf(chain, angle, typical))
    .filter(row => row !== undefined)
    .sort((a, b) => across(a, cos, sin) - across(b, cos, sin))
}

const across = (row: Row, cos: number, sin: number) => row.centre.y * cos + row.centre.x * sin

/** Specks are many and small, so that the middle of all heights would be theirs. */
export function typicalLetterPx(letters: readonly Letter[]): number {
  const heights = letters.map(letter => letter.height).sort((a, b) => a - b)
  return heights[Math.floor(heights.length * 0.7)] ?? 0
}

/** The line whose end is closest to the letter, if any is close. */
function nearest(chains: readonly Chain[], letter: Placed, typical: number): Chain | undefined {
  let best: { chain: Chain; distance: number } | undefined
  for (const chain of chains) {
    const recent = chain.members.slice(-6)
    // The parts of one Chinese character lie above each other: all of the recent ones count, not the last alone.
    const height = Math.max(typical * 0.5, ...recent.map(one => one.height))
    if (letter.height > height * TALLER) continue
    // A portrait or a logo beside the print: what is small next to it is not its line.
    if (height > typical * HUGE && letter.height * TALLER < height) continue
    const end = Math.max(...recent.map(one => one.u + one.half))
    const gap = letter.u - letter.half - end
    const larger = Math.max(height, letter.height)
    if (gap > WIDEST_GAP * larger) continue
    const tall = recent.filter(one => one.height > height * 0.5)
    const off = Math.abs(letter.v - median((tall.length > 0 ? tall : recent).map(one => one.v)))
    if (off > OFF_AXIS * larger) continue
    const distance = off + Math.max(0, gap) * 0.3
    if (best === undefined || distance < best.distance) best = { chain, distance }
  }
  return best?.chain
}

/** What lies inside a line's band (strokes, dots, the parts of wide gaps) belongs to it. */
function joined(chains: readonly Chain[], typical: number): Chain[] {
  const left = [...chains].sort((a, b) => b.members.length - a.members.length)
  const out: Chain[] = []
  for (const chain of left) {
    const box = boundsOf(chain)
    const home = out.find(other => {
      const around = boundsOf(other)
      const overlap = Math.min(box.v1, around.v1) - Math.max(box.v0, around.v0)
      const gap = Math.max(box.u0, around.u0) - Math.min(box.u1, around.u1)
      const height = Math.max(around.v1 - around.v0, typical)
      if (chain.members.length > 2 && (box.v1 - box.v0) * TALLER < height) return false
      return overlap > 0.6 * (box.v1 - box.v0) && gap < WIDEST_GAP * height && box.v1 - box.v0 < height * 1.3
    })
    if (home === undefined) out.push({ members: [...chain.members] })
    else home.members.push(...chain.members)
  }
  return out
}

function boundsOf({ members }: Chain) {
  return {
    u0: Math.min(...members.map(one => one.u - one.half)),
    u1: Math.max(...members.map(one => one.u + one.half)),
    v0: Math.min(...members.map(one => one.v - one.height / 2)),
    v1: Math.max(...members.map(one => one.v + one.height / 2)),
  }
}

function rowOf(chain: Chain, angle: number, typical: number): Row | undefined {
  const heights = chain.members.map(one => one.height).sort((a, b) => a - b)
  const letterPx = heights[Math.floor(heights.length * 0.8)] ?? 0
  // Specks beside the print: a line has something of a letter's size, and more than one thing or one thing that is large.
  if (letterPx < typical * 0.45 || (chain.members.length < 2 && letterPx < typical * 0.8)) return undefined
  if (chain.members.length < 3 && letterPx > typical * HUGE) return undefined
  const tall = chain.members.filter(one => one.height > letterPx * 0.6)
  const slope = slopeOf(tall, letterPx)
  const own = angle - Math.atan(slope)
  const [cos, sin] = [Math.cos(own), Math.sin(own)]
  const spots = chain.members.map(one => {
    const x = one.left + one.width / 2
    const y = one.top + one.height / 2
    return { u: x * cos - y * sin, v: y * cos + x * sin, half: one.half, height: one.height }
  })
  const u0 = Math.min(...spots.map(spot => spot.u - spot.half))
  const u1 = Math.max(...spots.map(spot => spot.u + spot.half))
  const v0 = Math.min(...spots.map(spot => spot.v - spot.height / 2))
  const v1 = Math.max(...spots.map(spot => spot.v + spot.height / 2))
  const [u, v] = [(u0 + u1) / 2, (v0 + v1) / 2]
  return {
    centre: { x: u * cos + v * sin, y: v * cos - u * sin },
    angleDeg: (own * 180) / Math.PI,
    lengthPx: u1 - u0,
    heightPx: v1 - v0,
    // The parts of Chinese characters are smaller than the characters; a quarter of a Latin line hangs below its letters.
    letterPx: Math.max(letterPx, (v1 - v0) * LETTER_SHARE),
  }
}

/** Rise of the middles of the letters along the line; short lines keep the angle of the page. */
function slopeOf(letters: readonly Placed[], letterPx: number): number {
  const n = letters.length
  const u0 = Math.min(...letters.map(one => one.u))
  const u1 = Math.max(...letters.map(one => one.u))
  if (n < 4 || u1 - u0 < letterPx * 5) return 0
  const mu = letters.reduce((sum, one) => sum + one.u, 0) / n
  const mv = letters.reduce((sum, one) => sum + one.v, 0) / n
  let above = 0
  let below = 0
  for (const one of letters) {
    above += (one.u - mu) * (one.v - mv)
    below += (one.u - mu) ** 2
  }
  const slope = above / below
  return Math.abs(slope) > 0.15 ? 0 : slope
}
