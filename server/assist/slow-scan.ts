import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainJpeg } from '../../media/picture/plain-jpeg.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CardShutter, Shuttered } from '../capture/card-shutter.ts'

/** A phone sends one every second or two, one at a time; after a stretch of bad network a few arrive together. */
const STILLS_PER_SECOND = 2
const BURST_STILLS = 6
/** Five hours at one every second and a half. */
const MAX_FRAMES = 12_000
const KEPT_IN_MEMORY = 4
const FRESH_MS = 10_000

export type SlowScanOptions = {
  readonly archive: CallArchive
  readonly log: CallLog
  /** False when the caller has not agreed to the picture being kept: it is shown, and only its hash is journalled. */
  readonly keeps: () => boolean
  readonly card?: Pick<CardShutter, 'assertOpenSince'>
  readonly nowMs?: () => number
  /** A still has arrived: there is a picture. */
  readonly seen: () => void
}

/** The stills a phone sends where the network carries no video: kept, journalled, shown. */
export class SlowScan implements Shuttered {
  readonly #o: SlowScanOptions
  readonly #recent = new Map<string, Buffer>()
  #frames = 0
  #tokens = BURST_STILLS
  #refilledAtMs = 0
  #lastAtMs = Number.NEGATIVE_INFINITY
  #latest: Picture | undefined
  #held = false
  /** Of `performance.now()`. */
  #retrievedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SlowScanOptions) {
    this.#o = options
  }

  /** The newest still while it shows what is before the camera now. */
  get latest(): Picture | undefined {
    return this.#nowMs() - this.#lastAtMs < FRESH_MS ? this.#latest : undefined
  }

  /**
   * @param startedAtMs of `performance.now()`: when the first byte of it came
   * @throws AppError `bad-request` for what is no JPEG, `too-many`, `paused`, `gone` when the call is over
   */
  async keep(by: ParticipantId, received: Buffer, startedAtMs = performance.now()): Promise<Picture> {
    this.#o.card?.assertOpenSince(startedAtMs)
    if (this.#held || startedAtMs < this.#retrievedAtMs)
      throw new AppError('paused', 'the call is on hold: no picture is kept or shown meanwhile')
    const nowMs = this.#nowMs()
    this.#tokens = Math.min(BURST_STILLS, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * STILLS_PER_SECOND)
    this.#refilledAtMs = nowMs
    if (this.#tokens < 1 || this.#frames >= MAX_FRAMES) {
      throw new AppError('too-many', 'stills come too fast')
    }
    const { bytes, widthPx, heightPx } = plainJpeg(received)
    this.#lastAtMs = nowMs
    this.#tokens -= 1
    this.#frames += 1
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { file } = this.#o.keeps()
      ? await this.#o.archive.addFile(`scan/${String(this.#frames).padStart(5, '0')}.jpg`, bytes)
      : { file: '' }
    const picture: Picture = { file, sha256, type: 'image/jpeg', widthPx, heightPx, source: 'slow-scan' }
    // Before it is told: both sides fetch it at once.
    this.#remember(sha256, bytes)
    if (!this.#o.log.write({ type: 'scan.frame', by, picture })) throw new AppError('gone', 'the call has ended')
    this.#latest = picture
    this.#o.seen()
    return picture
  }

  /** The voice is on hold, or no more: as of the film, nothing is kept or shown meanwhile. */
  hold(on: boolean): void {
    if (this.#held === on) return
    this.#held = on
    if (on) this.#latest = undefined
    else this.#retrievedAtMs = performance.now()
  }

  /** The card shutter closes: what was there before it is no picture of now. */
  shut(): void {
    this.#latest = undefined
  }

  unshut(): void {}

  /** One still by its hash. @throws AppError `not-found` */
  async bytes(sha256: string): Promise<Buffer> {
    const recent = this.#recent.get(sha256)
    if (recent) return recent
    const entry = this.#o.log.entries.findLast(one => one.type === 'scan.frame' && one.picture.sha256 === sha256)
    if (entry?.type !== 'scan.frame' || entry.picture.file === '') throw new AppError('not-found', 'no such still')
    return readFile(join(this.#o.archive.folder, entry.picture.file))
  }

  #nowMs(): number {
    return this.#o.nowMs?.() ?? performance.now()
  }

  #remember(sha256: string, bytes: Buffer): void {
    this.#recent.set(sha256, bytes)
    const oldest = this.#recent.keys().next().value
    if (this.#recent.size > KEPT_IN_MEMORY && oldest !== undefined) this.#recent.delete(oldest)
  }
}
