import { TimelineCut } from '../../media/edge/timeline-cut.ts'
import { KeyFrameGate } from '../../media/picture/key-frame-gate.ts'
import type { RoomEvents, VideoStart } from '../../media/room/room-events.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { PictureKeeper } from '../capture/call-capture.ts'

const VIDEO_CLOCK_RATE = 90_000
/** While a film that is to be kept waits for its first key frame. */
const ASK_EVERY_MS = 500

/** What is needed of a media room; `MediaRoom` is one. */
export type ShareRoom = {
  on<N extends keyof RoomEvents>(event: N, listener: (...args: RoomEvents[N]) => void): () => void
  stopScreen(): void
  holdScreen(on: boolean): Promise<void>
  requestScreenKeyFrame(): void
}

/** The agent's screen on the caller's phone: one way, kept like every track, and over as soon as something else is shown. */
export class CallShare implements PictureKeeper {
  readonly #log: CallLog
  readonly #archive: CallArchive
  readonly #allowed: () => boolean
  readonly #keeps: () => boolean
  #room: ShareRoom | undefined
  #video: VideoStart | undefined
  #gate: KeyFrameGate | undefined
  readonly #cut = new TimelineCut(VIDEO_CLOCK_RATE)
  #shut = false
  #wasShut = false
  #onHold = false
  #askedMs = Number.NEGATIVE_INFINITY
  #track: RtpJournal | undefined
  #by: ParticipantId | undefined

  /**
   * @param o.allowed whether this kind of call has the tool, now
   * @param o.keeps whether it is recorded, now
   */
  constructor(o: { log: CallLog; archive: CallArchive; allowed: () => boolean; keeps?: () => boolean }) {
    this.#keeps = o.keeps ?? (() => true)
    this.#allowed = o.allowed
    this.#log = o.log
    this.#archive = o.archive
  }

  get active(): boolean {
    return this.#by !== undefined
  }

  /** Listens to a room; after the media worker died, to the next one. */
  watch(room: ShareRoom): void {
    // Offered at the opening of the room and at the answer of the call, whichever comes later counts.
    if (this.#room === room) return
    this.#room = room
    if (this.#onHold) void room.holdScreen(true)
    room.on('screenStarted', video => {
      this.#ended()
      this.#video = video
      this.#gate = this.#wasShut ? new KeyFrameGate(video.codec) : undefined
      this.#track = this.#openTrack()
      this.#by = video.participantId
      this.#log.write({ type: 'share.started', by: video.participantId })
      if (this.#onHold) this.#track?.event({ type: 'paused', by: 'hold' })
    })
    room.on('screenRtp', rtp => {
      const nowMs = performance.now()
      this.#cut.seen(rtp, nowMs)
      if (this.#shut || this.#cut.isStale(rtp, nowMs)) return
      if (this.#gate === undefined || this.#gate.passes(rtp)) this.#track?.rtp(rtp)
      else if (!this.#gate.isOpen && nowMs - this.#askedMs > ASK_EVERY_MS) {
        this.#askedMs = nowMs
        this.#room?.requestScreenKeyFrame()
      }
    })
    room.on('screenRtcp', rtcp => {
      if (!this.#shut) this.#track?.rtcp(rtcp)
    })
    room.on('screenEnded', () => this.#ended())
    room.on('workerDied', () => this.#ended())
  }

  stop(): void {
    this.#room?.stopScreen()
  }

  /** The voice is on hold, or no more: the caller is shown nothing new meanwhile, nor is it recorded. */
  hold(on: boolean): void {
    if (this.#onHold === on) return
    this.#onHold = on
    this.#track?.event({ type: on ? 'paused' : 'resumed', by: 'hold' })
    void this.#room?.holdScreen(on)
  }

  /** The card shutter closes: the caller goes on seeing the screen, the record does not. */
  shut(): void {
    this.#shut = this.#wasShut = true
    this.#track?.event({ type: 'paused', by: 'card-shutter' })
  }

  unshut(): void {
    this.#shut = false
    this.#cut.cut(performance.now())
    this.#goesOn()
    if (this.#track) this.#track.event({ type: 'resumed', by: 'card-shutter' })
    else this.#track = this.#openTrack()
  }

  /** A recording has begun or stopped. */
  keepsChanged(): void {
    if (!this.#video || this.#keeps() === (this.#track !== undefined)) return
    if (this.#track) {
      void this.#track.close()
      this.#track = undefined
      return
    }
    if (this.#shut) return
    this.#goesOn()
    this.#track = this.#openTrack()
  }

  /** Every entry passes here after it was told: a screen that is not on the stage any more must not go on being sent. */
  noticed(entry: JournalEntry): void {
    if (!this.active) return
    if (entry.type === 'stage.page' || entry.type === 'stage.live') this.stop()
    if (entry.type === 'scenario.chosen' && !this.#allowed()) this.stop()
  }

  /** With the call. */
  close(): void {
    this.stop()
    this.#ended()
  }

  #openTrack(): RtpJournal | undefined {
    if (!this.#video || this.#shut || !this.#keeps()) return undefined
    const { codec, payloadType, clockRate, ssrc } = this.#video
    return this.#archive.openTrack({ track: 'agent-screen', codec, payloadType, clockRate, ssrc })
  }

  /** In mid-stream a film begins with a key frame. */
  #goesOn(): void {
    if (!this.#video) return
    this.#gate = new KeyFrameGate(this.#video.codec)
    this.#room?.requestScreenKeyFrame()
  }

  #ended(): void {
    this.#video = undefined
    void this.#track?.close()
    this.#track = undefined
    const by = this.#by
    this.#by = undefined
    if (by !== undefined) this.#log.write({ type: 'share.stopped', by })
  }
}
