import { AppError } from '../../signaling/protocol/errors.ts'
import type { MarkId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { visibleInk } from '../../signaling/protocol/ink.ts'
import type { MarkPose } from '../../signaling/protocol/mark.ts'
import type { Stage, Surface } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'

/** The record needs to know where a mark was, not every frame of it. */
const POSE_EVERY_MS = 180
const POINTER_EVERY_MS = 200
/** Shapes that differ less than this are the same camera at another resolution. */
const SAME_SHAPE = 0.06

type Size = { readonly widthPx: number; readonly heightPx: number }
export type PointerPoints = [number, number, number][]

/** What belongs to the moving picture: where its marks were, where somebody pointed, how the phone was turned. */
export class LiveMarks {
  readonly #log: CallLog
  readonly #stage: () => Stage
  readonly #nowMs: () => number
  readonly #posed = new Map<MarkId, { readonly state: MarkPose['state']; readonly atMs: number }>()
  readonly #pointed = new Map<ParticipantId, number>()
  #shape: Size | undefined

  constructor(o: { log: CallLog; stage: () => Stage; nowMs: () => number }) {
    this.#log = o.log
    this.#stage = o.stage
    this.#nowMs = o.nowMs
  }

  /**
   * Where the agent's tracker sees the marks. Poses of marks that are not (or not any more) on the picture are passed over,
   * and so is what comes too often, unless a mark was just lost or found. @throws AppError `bad-request`
   */
  pose(by: ParticipantId, poses: readonly MarkPose[]): void {
    const visible = new Set(visibleInk(this.#stage().live).map(one => one.mark.id))
    const now = this.#nowMs()
    const kept = poses.filter(pose => {
      if (!visible.has(pose.markId)) return false
      const isPlaced = pose.homography?.every(Number.isFinite) === true
      if (pose.state === 'tracking' && !isPlaced) throw new AppError('bad-request', 'a tracked mark has a place')
      const before = this.#posed.get(pose.markId)
      return before?.state !== pose.state || now - before.atMs >= POSE_EVERY_MS
    })
    if (kept.length === 0) return
    for (const { markId, state } of kept) this.#posed.set(markId, { state, atMs: now })
    for (const id of this.#posed.keys()) if (!visible.has(id)) this.#posed.delete(id)
    this.#log.write({ type: 'marks.posed', by, poses: kept })
  }

  /** The laser pointer leaves a few samples a second in the record; it is told to the others as it moves. */
  point(by: ParticipantId, on: Surface, points: PointerPoints): void {
    const stage = this.#stage()
    if (on !== 'live' && !stage.pages.some(one => one.page.id === on))
      throw new AppError('not-found', 'no such page in this call')
    const now = this.#nowMs()
    const before = this.#pointed.get(by)
    if (before !== undefined && now - before < POINTER_EVERY_MS) return
    this.#pointed.set(by, now)
    this.#log.write({ type: 'pointer.moved', by, on, points: everySixth(points) })
  }

  /** The encoded frame had this size at its newest key frame. */
  frameSeen(by: ParticipantId, size: Size): void {
    const before = this.#shape
    this.#shape = size
    if (before === undefined || isSameShape(before, size)) return
    this.#log.write({ type: 'camera.turned', by, epoch: this.#stage().epoch + 1, ...size })
  }
}

function isSameShape(one: Size, other: Size): boolean {
  const ratio = one.widthPx / one.heightPx / (other.widthPx / other.heightPx)
  return Math.abs(Math.log(ratio)) < SAME_SHAPE
}

/** At the pointer's 30 points a second these are the 5 that the record keeps; the first and the newest always. */
function everySixth(points: PointerPoints): PointerPoints {
  return points.filter((_, index) => index % 6 === 0 || index === points.length - 1)
}
