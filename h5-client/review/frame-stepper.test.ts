import t from 'tap'
import { type Film, stepFrame } from './frame-stepper.ts'

/** A film that exists only as the times of its frames, in seconds. */
class FilmDouble implements Film {
  readonly #frames: readonly number[]
  currentTime: number
  paused = false
  readonly duration = 10
  seeks = 0
  constructor(frames: readonly number[], currentTime: number) {
    this.#frames = frames
    this.currentTime = currentTime
  }
  get shownS(): number {
    return this.#frames.findLast(frame => frame <= this.currentTime + 1e-9) ?? 0
  }
  pause(): void {
    this.paused = true
  }
  async shownAfterSeek(toS: number): Promise<number> {
    this.currentTime = toS
    this.seeks++
    return this.shownS
  }
}

t.test('[RC6] one frame on and back, whatever the rate: no frame is left out', async t => {
  // A phone's camera: 30 a second, then 7, with one lost in between.
  const frames = [0, 0.033, 0.067, 0.1, 0.133, 0.2, 0.34, 0.48, 0.62]
  const film = new FilmDouble(frames, 0)
  const seen = [film.shownS]
  while (seen.length < frames.length) seen.push(await stepFrame(film, 1))
  t.same(seen, frames)
  t.ok(film.paused, 'stepping stops the film')
  const back = [film.shownS]
  while (back.length < frames.length) back.push(await stepFrame(film, -1))
  t.same(back, [...frames].reverse())
  t.equal(await stepFrame(film, -1), 0, 'and stays at the beginning')
})

t.test('[RC6] where the picture stands still, a step goes half a second on and ends', async t => {
  const film = new FilmDouble([0, 5], 1)
  await stepFrame(film, 1)
  t.ok(film.currentTime >= 1.4 && film.currentTime <= 1.6, `${film.currentTime} s`)
  t.ok(film.seeks < 40)
})
