import { TimelineCut } from '../../media/edge/timeline-cut.ts'
import { KeyFrameGate } from '../../media/picture/key-frame-gate.ts'
import type { VideoStart } from '../../media/room/room-events.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'

const VIDEO_CLOCK_RATE = 90_000
/** While a film that is to be kept waits for its first key frame. */
const ASK_EVERY_MS = 500

type FilmRecorderOptions = {
  readonly track: 'caller-camera' | 'agent-screen'
  readonly archive: Pick<CallArchive, 'openTrack'>
  /** False while the picture is not to be kept. `keepsChanged` when it differs. */
  readonly keeps: () => boolean
  readonly askKeyFrame: () => void
  /** How many packets were to be in a track's file that has ended: the record will be held against this count. */
  readonly meant?: (file: string, packets: number) => void
  /** Of whatever clock, as long as it is monotonic. */
  readonly nowMs: () => number
}

/**
 * What is kept of a camera or a screen: a track for each stream while it is to be kept. A film that begins in mid-stream, or
 * goes on after the card shutter, begins with a key frame; nothing shown behind the shutter is in it, however late it comes.
 */
export class FilmRecorder {
  readonly #o: FilmRecorderOptions
  readonly #cut = new TimelineCut(VIDEO_CLOCK_RATE)
  #video: VideoStart | undefined
  #track: RtpJournal | undefined
  #gate: KeyFrameGate | undefined
  #shut = false
  #wasShut = false
  #askedMs = Number.NEGATIVE_INFINITY
  /** Packets of the open track that were to be recorded. */
  #meant = 0

  constructor(o: FilmRecorderOptions) {
    this.#o = o
  }

  /** The stream that comes now. */
  get video(): VideoStart | undefined {
    return this.#video
  }
  get isShut(): boolean {
    return this.#shut
  }

  /** Another stream comes. */
  begin(video: VideoStart): void {
    this.end()
    this.#video = video
    // Behind the shutter once, a film begins with a key frame: of what is on its way the first frames may not be kept.
    this.#gate = this.#wasShut ? new KeyFrameGate(video.codec) : undefined
    this.#open()
  }

  /** @returns false for a packet of what nobody may keep or look at: it was shown behind the card shutter */
  rtp(packet: Buffer): boolean {
    const nowMs = this.#o.nowMs()
    this.#cut.seen(packet, nowMs)
    if (this.#shut || this.#cut.isStale(packet, nowMs)) return false
    if (this.#gate === undefined || this.#gate.passes(packet)) {
      // By the caller's consent, not by whether a track happens to be open.
      if (this.#o.keeps()) this.#meant += 1
      this.#track?.rtp(packet)
    } else if (!this.#gate.isOpen && nowMs - this.#askedMs > ASK_EVERY_MS) {
      this.#askedMs = nowMs
      this.#o.askKeyFrame()
    }
    return true
  }

  rtcp(packet: Buffer): void {
    if (!this.#shut) this.#track?.rtcp(packet)
  }

  /** What happens to the picture, into its track. */
  event(event: Parameters<RtpJournal['event']>[0]): void {
    this.#track?.event(event)
  }

  /** The card shutter closes. */
  shut(): void {
    this.#shut = this.#wasShut = true
    this.event({ type: 'paused', by: 'card-shutter' })
  }

  unshut(): void {
    this.#shut = false
    this.#cut.cut(this.#o.nowMs())
    this.#awaitKeyFrame()
    if (this.#track) this.event({ type: 'resumed', by: 'card-shutter' })
    else this.#open()
  }

  /** Leave was given or taken back, or a recording has begun or stopped: seen in this very instant. */
  keepsChanged(): void {
    if (!this.#video || this.#o.keeps() === (this.#track !== undefined)) return
    if (this.#track) {
      this.#close()
      return
    }
    // Behind the card shutter there is nothing to begin; it opens with a track of its own.
    if (this.#shut) return
    this.#awaitKeyFrame()
    this.#open()
    this.#o.askKeyFrame()
  }

  /** The stream is over. */
  end(): void {
    this.#video = undefined
    this.#close()
  }

  #awaitKeyFrame(): void {
    if (this.#video) this.#gate = new KeyFrameGate(this.#video.codec)
  }

  #open(): void {
    if (!this.#video || this.#shut || !this.#o.keeps()) return
    this.#meant = 0
    const { codec, payloadType, clockRate, ssrc } = this.#video
    this.#track = this.#o.archive.openTrack({ track: this.#o.track, codec, payloadType, clockRate, ssrc })
  }

  #close(): void {
    if (this.#track) this.#o.meant?.(this.#track.file, this.#meant)
    void this.#track?.close()
    this.#track = undefined
  }
}
