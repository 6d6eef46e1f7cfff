/** The film as stepping needs it: a video element, or a double of one. */
export type Film = {
  readonly currentTime: number
  readonly paused: boolean
  readonly duration: number
  pause(): void
  /** Moves, and says which frame is shown then (its media time in seconds). */
  shownAfterSeek(toS: number): Promise<number>
  /** Media time of the frame that is shown now, as far as the browser has said. */
  readonly shownS: number | undefined
}

/** Seeking onto the exact edge of a frame may give either side. */
const EDGE_S = 0.001
/** Where nothing is known of the film's rate: no camera of a phone is faster. */
const SHORTEST_FRAME_S = 1 / 60
/** After this much of the same frame the picture simply stands still (a pause, a slow scan): a step of this size. */
const LONGEST_LOOK_S = 0.5

/**
 * One frame back: just before the beginning of the shown frame lies the one before. One frame forward: on in steps no
 * longer than a frame until another frame is shown. Both work on films of changing rate, which calls are.
 * Resolves to the media time of the frame shown then, in seconds.
 */
export async function stepFrame(film: Film, direction: 1 | -1): Promise<number> {
  if (!film.paused) film.pause()
  const from = film.shownS ?? (await film.shownAfterSeek(film.currentTime))
  if (direction === -1) return film.shownAfterSeek(Math.max(0, from - EDGE_S))
  let to = Math.max(film.currentTime, from)
  const end = Math.min(film.duration, to + LONGEST_LOOK_S)
  while (to < end) {
    to = Math.min(end, to + SHORTEST_FRAME_S)
    const shown = await film.shownAfterSeek(to)
    if (shown > from + EDGE_S) return shown
  }
  return film.shownS ?? to
}
