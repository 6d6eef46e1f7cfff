import type { CallId, MarkId } from '../../signaling/protocol/ids.ts'
import type { MarkPose } from '../../signaling/protocol/mark.ts'
import { type LiveMark, placeIdOf, type Tracked } from '../shared/live/live-tracking.ts'
import { apply, type Homography } from '../shared/tracking/homography.ts'

/** The server keeps five a second of each mark. */
const EVERY_MS = 210
/** A smaller move of any point of the mark, in 0..1 of the picture, is no news. */
const MOVE = 0.004

/** Tells the record where the live marks are: seldom, and only what changed. */
export class PoseReporter {
  readonly #send: (callId: CallId, poses: MarkPose[]) => void
  readonly #nowMs: () => number
  readonly #told = new Map<MarkId, { readonly pose: MarkPose; readonly h: Homography | undefined }>()
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(send: (callId: CallId, poses: MarkPose[]) => void, nowMs = () => performance.now()) {
    this.#send = send
    this.#nowMs = nowMs
  }

  report(callId: CallId, marks: readonly LiveMark[], { rtpTimestamp, poses }: Tracked): void {
    if (rtpTimestamp === undefined || this.#nowMs() - this.#toldAtMs < EVERY_MS) return
    const news: MarkPose[] = []
    for (const { mark, anchor } of marks) {
      const pose = poses.get(placeIdOf(anchor))
      // A mark that was never found yet has nothing to tell.
      if (pose === undefined || pose.state === 'searching') continue
      const h = pose.state === 'tracking' ? pose.homography : undefined
      const before = this.#told.get(mark.id)
      const state = h ? 'tracking' : 'lost'
      if (before?.pose.state === state && !(h && before.h && hasMoved(mark.points, before.h, h))) continue
      const told: MarkPose = { markId: mark.id, rtpTimestamp, state, ...(h && { homography: h.map(rounded) }) }
      this.#told.set(mark.id, { pose: told, h })
      news.push(told)
    }
    if (news.length === 0) return
    const known = new Set(marks.map(one => one.mark.id))
    for (const id of this.#told.keys()) if (!known.has(id)) this.#told.delete(id)
    this.#toldAtMs = this.#nowMs()
    this.#send(callId, news.slice(0, 50))
  }
}

/** Seven digits: far below a pixel, and half as long in the record. */
const rounded = (cell: number) => Number(cell.toPrecision(7))

function hasMoved(points: readonly (readonly [number, number])[], before: Homography, now: Homography): boolean {
  return [points[0], points[points.length >> 1], points.at(-1)].some(point => {
    if (point === undefined) return false
    const a = apply(before, point[0], point[1])
    const b = apply(now, point[0], point[1])
    return Math.hypot(a.x - b.x, a.y - b.y) > MOVE
  })
}
