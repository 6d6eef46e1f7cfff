import { IntakeError } from '../../media/picture/intake-error.ts'
import type { SafePicture } from '../../media/picture/safe-picture.ts'
import type { CameraState } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CardShutter, Shuttered } from '../capture/card-shutter.ts'
import type { CallStage } from './call-stage.ts'
import type { Pages } from './pages.ts'
import type { Still } from './still.ts'
import { NotBetter, reasonOf, type StillResult, sameShape } from './still-result.ts'

/**
 * How long a phone may take for its still, upload included: 150 kbit/s carry a megabyte in a minute. While the agent waits
 * with nothing on the stage, it is half of that.
 */
const DEADLINES = { stillMs: 60_000, onlyStillMs: 30_000 } as const
/** A still with fewer pixels than the frame is no better one; a little less is, for it was never squeezed into a stream. */
const BETTER_FROM_PIXELS = 0.8
/** A reader of small print waits so long for the phone's still before taking what there is. */
const BETTER_PATIENCE_MS = 3_000
const MAX_WANTED = 6

export type ShutterOptions = {
  readonly log: CallLog
  readonly pages: Pages
  readonly stage: CallStage
  readonly camera: { readonly state: CameraState; still(): Promise<Still> }
  readonly intake: {
    take(bytes: Buffer): Promise<SafePicture>
    isSameView(frame: Buffer, still: Buffer): Promise<boolean>
  }
  /** How the picture travels now, and the newest still of the slow scan if it is fresh. */
  readonly scan: () => { readonly rung: Rung; readonly latest: Picture | undefined }
  /** Whether the caller has agreed to the picture being kept: a page is kept. */
  readonly mayKeep: () => boolean
  readonly card?: Pick<CardShutter, 'assertOpen'>
  /** Asks the phone for its best still of a page; false when it has no open socket. */
  readonly ask: (pageId: PageId) => boolean
  /** Who sits at the phone. */
  readonly caller: () => ParticipantId | undefined
  readonly counted: (result: StillResult) => void
  readonly deadlines?: { readonly stillMs: number; readonly onlyStillMs: number }
}

type Wanted = {
  /** The agent who pressed. */
  readonly by: ParticipantId
  readonly frame: Picture | undefined
  timer: NodeJS.Timeout
  arrived: boolean
  /** Resolves when the still is on its page, or will never be. */
  readonly settled: PromiseWithResolvers<void>
  /** Set while the agent waits for this picture alone. */
  readonly waiting: PromiseWithResolvers<void> | undefined
}

/**
 * One press, two pictures: what the agent saw is on the stage at once, the phone's best still follows as it arrives.
 * Without a live picture the phone's still is the page.
 */
export class Shutter implements Shuttered {
  readonly #o: ShutterOptions
  readonly #wanted = new Map<PageId, Wanted>()
  #closed = false

  constructor(options: ShutterOptions) {
    this.#o = options
  }

  /**
   * @returns the page, which stands on the stage
   * @throws AppError `conflict` without any picture to take, `unavailable` when none came in time, `forbidden` without consent
   */
  async press(by: ParticipantId): Promise<PageId> {
    this.#assertMayKeep()
    this.#assertPicture()
    const pageId = newId('page')
    const seen = (await this.#liveFrame(pageId)) ?? this.#scanned()
    if (seen) {
      this.#o.pages.add({ kind: 'camera', id: pageId, by, picture: seen })
      this.#show(by, pageId)
      // Only now: taking a photo makes some phones reconfigure their camera, and the stream stalls.
      this.#want(pageId, by, seen, undefined)
      return pageId
    }
    const waiting = Promise.withResolvers<void>()
    this.#want(pageId, by, undefined, waiting)
    await waiting.promise
    return pageId
  }

  /**
   * The phone's still for a page. One per press.
   * @returns the page that shows it now
   * @throws AppError, IntakeError
   */
  async arrived(by: ParticipantId, pageId: PageId, kind: 'photo' | 'frame', bytes: Buffer): Promise<PageId> {
    this.#assertMayKeep()
    const wanted = this.#wanted.get(pageId)
    if (!wanted) throw new AppError('gone', 'this still is not wanted any more')
    if (wanted.arrived) throw new AppError('conflict', 'this still has arrived already')
    wanted.arrived = true
    clearTimeout(wanted.timer)
    try {
      const safe = await this.#o.intake.take(bytes)
      const source = kind === 'photo' ? 'phone-photo' : 'phone-frame'
      const shownAt = await this.#place(pageId, wanted, { ...safe, source })
      this.#wanted.delete(pageId)
      wanted.settled.resolve()
      wanted.waiting?.resolve()
      this.#o.counted(wanted.frame === undefined ? 'only' : shownAt === pageId ? 'better' : 'own-page')
      return shownAt
    } catch (error) {
      // A full queue says nothing about the still: the phone sends it again.
      if (error instanceof IntakeError && error.reason === 'busy') this.#wantAgain(pageId, wanted)
      else this.#fail(pageId, by, reasonOf(error), reasonOf(error), error)
      throw error
    }
  }

  /**
   * A better picture of this page may be on its way: whoever wants to read small print waits for it, but not for long.
   * Resolves at once when none is awaited.
   */
  async better(pageId: PageId): Promise<void> {
    const wanted = this.#wanted.get(pageId)
    if (!wanted) return
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(() => patience.resolve(), BETTER_PATIENCE_MS)
    await Promise.race([wanted.settled.promise, patience.promise])
    clearTimeout(timer)
  }

  /** The phone is back (reload, lost socket): what it has not sent yet is asked for again. */
  askAgain(): void {
    for (const [pageId, wanted] of this.#wanted) if (!wanted.arrived) this.#o.ask(pageId)
  }

  /** The phone says that it cannot. */
  failed(by: ParticipantId, pageId: PageId, reason: string): void {
    const wanted = this.#wanted.get(pageId)
    if (wanted && !wanted.arrived) this.#fail(pageId, by, reason, 'phone')
  }

  /** The card shutter closes: nobody knows when a still that is on its way was taken, so none of them is wanted any more. */
  shut(): void {
    for (const [pageId, wanted] of this.#wanted) if (!wanted.arrived) this.#fail(pageId, undefined, 'paused', 'paused')
  }

  unshut(): void {}

  /** The caller takes back that pictures are kept. */
  withdrawn(): void {
    for (const [pageId] of this.#wanted) this.#fail(pageId, undefined, 'withdrawn', 'withdrawn')
  }

  close(): void {
    this.#closed = true
    for (const wanted of this.#wanted.values()) {
      clearTimeout(wanted.timer)
      wanted.settled.resolve()
      wanted.waiting?.reject(new AppError('gone', 'the call has ended'))
    }
    this.#wanted.clear()
  }

  /** @throws AppError `paused`, `forbidden` */
  #assertMayKeep(): void {
    this.#o.card?.assertOpen()
    if (!this.#o.mayKeep()) throw new AppError('forbidden', 'the caller has not agreed to pictures being kept')
  }

  /** What the agent saw: the next key frame, when video comes. */
  async #liveFrame(pageId: PageId): Promise<Picture | undefined> {
    const { camera, pages, scan } = this.#o
    if (scan().rung !== 'live' || camera.state !== 'live') return undefined
    const still = await camera.still().catch((error: unknown) => {
      // No key frame came through: the phone may still be reached another way.
      if (error instanceof AppError && error.code === 'unavailable') return undefined
      throw error
    })
    return still && pages.keep(pageId, { ...still, source: 'server-key-frame' })
  }

  /** Nobody is photographed who paused or stopped the camera; a bad network alone does not matter. */
  #assertPicture(): void {
    const { camera, scan } = this.#o
    if (camera.state === 'live' || camera.state === 'interrupted') return
    if (scan().rung !== 'live' && camera.state === 'starting') return
    throw new AppError('conflict', 'there is no live picture to freeze')
  }

  #scanned(): Picture | undefined {
    const { rung, latest } = this.#o.scan()
    return rung === 'slow-scan' ? latest : undefined
  }

  /** The better picture stays on its page when it has the same shape (and view, once something is drawn); otherwise it becomes a page of its own. */
  async #place(
    pageId: PageId,
    wanted: Wanted,
    picture: SafePicture & { source: 'phone-photo' | 'phone-frame' },
  ): Promise<PageId> {
    const { pages, stage } = this.#o
    const { frame, by } = wanted
    if (!frame) {
      pages.add({ kind: 'camera', id: pageId, by, picture: await pages.keep(pageId, picture) })
      this.#show(by, pageId)
      return pageId
    }
    const { rtpTimestamp } = frame
    const still = { ...picture, ...(rtpTimestamp !== undefined && { rtpTimestamp }) }
    if (!sameShape(frame, picture) || !(await this.#keepsMarks(pageId, frame, picture.bytes))) {
      const photoId = newId('page')
      pages.add({ kind: 'photo', id: photoId, by, picture: await pages.keep(photoId, still), of: pageId })
      const page = stage.page(pageId)
      if (stage.stage.showing === pageId && page.marks.length === 0) this.#show(by, photoId)
      return photoId
    }
    if (picture.widthPx * picture.heightPx < BETTER_FROM_PIXELS * frame.widthPx * frame.heightPx)
      throw new NotBetter('conflict', 'the still is smaller than the frame it was taken for')
    await pages.better(stage.page(pageId), still)
    return pageId
  }

  /** A hand moves between frame and photo. Where something is drawn, only a picture of the very same view may lie under it. */
  async #keepsMarks(pageId: PageId, frame: Picture, still: Buffer): Promise<boolean> {
    const { pages, stage, intake } = this.#o
    if (stage.page(pageId).marks.length === 0) return true
    return intake.isSameView(await pages.bytes(frame), still)
  }

  #show(by: ParticipantId, pageId: PageId): void {
    this.#o.log.write({ type: 'stage.page', by, pageId })
  }

  #want(
    pageId: PageId,
    by: ParticipantId,
    frame: Picture | undefined,
    waiting: PromiseWithResolvers<void> | undefined,
  ): void {
    const timer = this.#deadline(pageId, waiting !== undefined)
    this.#wanted.set(pageId, { by, frame, timer, arrived: false, settled: Promise.withResolvers(), waiting })
    if (this.#closed) this.close()
    else if (this.#wanted.size > MAX_WANTED) this.#fail(pageId, undefined, 'too-many', 'too-many')
    // A phone that lost its socket is asked when it is back; an agent with nothing to look at is told at once.
    else if (!this.#o.ask(pageId) && waiting)
      this.#fail(pageId, undefined, 'phone-not-connected', 'phone-not-connected')
  }

  #wantAgain(pageId: PageId, wanted: Wanted): void {
    if (this.#wanted.get(pageId) !== wanted) return
    wanted.arrived = false
    wanted.timer = this.#deadline(pageId, wanted.waiting !== undefined)
  }

  #deadline(pageId: PageId, isOnly: boolean): NodeJS.Timeout {
    const { stillMs, onlyStillMs } = this.#o.deadlines ?? DEADLINES
    return setTimeout(() => this.#fail(pageId, undefined, 'timeout', 'timeout'), isOnly ? onlyStillMs : stillMs)
  }

  /** @param by who failed; the phone unless somebody else is named */
  #fail(pageId: PageId, by: ParticipantId | undefined, reason: string, result: StillResult, cause?: unknown): void {
    const wanted = this.#wanted.get(pageId)
    if (!wanted) return
    clearTimeout(wanted.timer)
    this.#wanted.delete(pageId)
    wanted.settled.resolve()
    this.#o.log.write({ type: 'still.failed', by: by ?? this.#o.caller() ?? wanted.by, pageId, reason })
    this.#o.counted(result)
    wanted.waiting?.reject(new AppError('unavailable', 'the phone sent no picture; try again', { cause }))
  }
}
