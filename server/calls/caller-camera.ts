import { TimelineCut } from '../../media/edge/timeline-cut.ts'
import { KeyFrameCatcher, type VideoCodec } from '../../media/picture/key-frame-catcher.ts'
import { KeyFrameGate } from '../../media/picture/key-frame-gate.ts'
import type { MediaRoom } from '../../media/room/media-room.ts'
import type { VideoStart } from '../../media/room/room-events.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'
import type { CameraState, CameraTrouble } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import { type Still, stillOf } from '../assist/still.ts'
import type { PictureKeeper } from '../capture/call-capture.ts'
import type { CallLog } from './call-log.ts'

const STILL_TIMEOUT_MS = 2_000
const VIDEO_CLOCK_RATE = 90_000
/** While a film that is to be kept waits for its first key frame. */
const ASK_EVERY_MS = 500

/** What is needed of a media room; `MediaRoom` is one. */
export type CameraRoom = Pick<
  MediaRoom,
  'on' | 'shutVideo' | 'requestKeyFrame' | 'pauseVideo' | 'resumeVideo' | 'closeVideo'
>

export type CameraEvents = {
  changed(): void
  firstPicture(): void
  trouble(trouble: CameraTrouble): void
  /** Size of the picture as encoded, at every key frame. */
  frameSeen(by: ParticipantId, size: { readonly widthPx: number; readonly heightPx: number }): void
}

/** The phone's camera in one call: its state in words, its track in the archive, stills from its key frames. */
export class CallerCamera implements PictureKeeper {
  readonly #log: CallLog
  readonly #archive: CallArchive
  readonly #events: CameraEvents
  readonly #ffmpegBin: string
  readonly #expectsVideo: () => boolean
  readonly #keeps: () => boolean
  readonly #nowMs: () => number
  #by: ParticipantId | undefined
  #room: CameraRoom | undefined
  #state: CameraState = 'none'
  #video: VideoStart | undefined
  #track: RtpJournal | undefined
  /** A film that begins in mid-stream, or goes on after the card shutter, begins with a key frame. */
  #gate: KeyFrameGate | undefined
  #catcher: KeyFrameCatcher | undefined
  readonly #cut = new TimelineCut(VIDEO_CLOCK_RATE)
  #shut = false
  #wasShut = false
  #askedMs = Number.NEGATIVE_INFINITY
  #codec: VideoCodec = 'VP8'
  #everLive = false
  #onHold = false
  /** The hold paused it: the caller did not, and it comes back with the voice. */
  #pausedByHold = false
  /** Packets of the open track that were to be recorded. */
  #meant = 0

  constructor(o: {
    log: CallLog
    archive: CallArchive
    ffmpegBin: string
    /** False while the network carries stills only. */
    expectsVideo: () => boolean
    /** False while the picture is not to be kept: refused by the caller, or not recorded. `keepsChanged` when it differs. */
    keeps: () => boolean
    events: CameraEvents
    /** Of whatever clock, as long as it is monotonic. */
    nowMs?: () => number
  }) {
    this.#log = o.log
    this.#archive = o.archive
    this.#events = o.events
    this.#ffmpegBin = o.ffmpegBin
    this.#expectsVideo = o.expectsVideo
    this.#keeps = o.keeps
    this.#nowMs = o.nowMs ?? (() => performance.now())
  }

  get state(): CameraState {
    return this.#state
  }

  /** Listens to a room; after the media worker died, to the next one. */
  watch(room: CameraRoom): void {
    // The room may have been opened before or after the call was answered: it is offered at both moments.
    if (this.#room === room) return
    this.#room = room
    if (this.#shut) void room.shutVideo(true)
    room.on('videoStarted', video => {
      this.#by = video.participantId
      this.#closeTrack()
      this.#video = video
      this.#codec = video.codec
      // Behind the shutter once, a film begins with a key frame: of what is on its way the first frames may not be kept.
      this.#gate = this.#wasShut ? new KeyFrameGate(video.codec) : undefined
      this.#track = this.#openTrack()
      this.#catch()
      this.#write({ type: 'camera.started' }, 'starting')
      if (this.#onHold) void this.#pauseForHold()
    })
    room.on('videoRtp', rtp => this.#packet(rtp))
    room.on('videoRtcp', rtcp => {
      if (!this.#shut) this.#track?.rtcp(rtcp)
    })
    room.on('firstVideoPacket', () => this.#live())
    room.on('videoSilent', () => {
      if (this.#state === 'live' && this.#expectsVideo()) this.#write({ type: 'camera.interrupted' }, 'interrupted')
    })
    room.on('videoBack', () => {
      if (this.#state === 'interrupted') this.#live()
    })
    room.on('videoEnded', () => this.#ended())
  }

  /** The caller came in (again): whatever was wrong before is over. */
  expected(by: ParticipantId): void {
    this.#by = by
    if (this.#state === 'stopped' || this.#state === 'none') this.#set('starting')
  }

  /** The card shutter closes: no film, no stills, and nobody is sent the picture. */
  shut(): void {
    if (this.#shut) return
    this.#shut = this.#wasShut = true
    this.#track?.event({ type: 'paused', by: 'card-shutter' })
    // Half a key frame, or one that somebody waits for, is not finished behind it.
    this.#catcher?.close()
    this.#catcher = undefined
    void this.#room?.shutVideo(true)
  }

  unshut(): void {
    if (!this.#shut) return
    this.#shut = false
    this.#cut.cut(this.#nowMs())
    this.#gate = new KeyFrameGate(this.#codec)
    this.#catch()
    if (this.#track) this.#track.event({ type: 'resumed', by: 'card-shutter' })
    else this.#track = this.#openTrack()
    void this.#room?.shutVideo(false)
  }

  /** The caller has agreed or taken it back, or a recording has begun or stopped: seen in this very instant. */
  keepsChanged(): void {
    if (!this.#video || this.#keeps() === (this.#track !== undefined)) return
    if (this.#track) {
      this.#endTrack()
      return
    }
    // Behind the card shutter there is nothing to begin; it opens with a track of its own.
    if (this.#shut) return
    this.#gate = new KeyFrameGate(this.#codec)
    this.#track = this.#openTrack()
    this.#room?.requestKeyFrame()
  }

  /**
   * The voice is on hold, or no more: nothing of the picture is sent on or kept meanwhile. Who paused the camera before or
   * meanwhile finds it paused afterwards.
   */
  hold(on: boolean): void {
    if (this.#onHold === on) return
    this.#onHold = on
    if (on) {
      if (this.#state === 'live' || this.#state === 'interrupted' || this.#state === 'starting')
        void this.#pauseForHold()
    } else if (this.#pausedByHold) {
      this.#pausedByHold = false
      void this.resume()
    }
  }

  async pause(): Promise<void> {
    this.#pausedByHold = false
    // Also while it starts: a phone that reloads in a pause comes back paused.
    if (this.#state !== 'live' && this.#state !== 'interrupted' && this.#state !== 'starting') return
    this.#track?.event({ type: 'paused' })
    this.#write({ type: 'camera.paused' }, 'paused')
    await this.#room?.pauseVideo()
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return
    if (this.#onHold) {
      this.#pausedByHold = true
      return
    }
    await this.#room?.resumeVideo()
    this.#track?.event({ type: 'resumed' })
    this.#write({ type: 'camera.resumed' }, 'live')
  }

  stop(): void {
    if (this.#by === undefined || this.#state === 'stopped' || this.#state === 'none') return
    this.#write({ type: 'camera.stopped' }, 'stopped')
    this.#room?.closeVideo(this.#by)
    this.#closeTrack()
  }

  switched(facing: 'user' | 'environment'): void {
    this.#track?.event({ type: 'switched', facing })
    this.#write({ type: 'camera.switched', facing })
  }

  torch(on: boolean): void {
    this.#write({ type: 'camera.torch', on })
  }

  failed(trouble: CameraTrouble): void {
    this.#write({ type: 'camera.failed', trouble }, this.#state === 'live' ? 'interrupted' : 'none')
    this.#events.trouble(trouble)
  }

  /**
   * The next key frame as a picture, asked of the phone now.
   * @throws AppError `conflict` when no picture is coming, `unavailable` when none came in time
   */
  async still(): Promise<Still> {
    const catcher = this.#catcher
    if (!catcher || this.#state !== 'live') throw new AppError('conflict', 'there is no live picture to freeze')
    const next = catcher.next(STILL_TIMEOUT_MS)
    this.#room?.requestKeyFrame()
    return stillOf(this.#codec, await next, this.#ffmpegBin)
  }

  /** A still of the slow scan has come: there is a picture, though no video. */
  stillSeen(): void {
    this.#live()
  }

  /** With the call: the picture ends because the call does, which is no interruption. */
  close(): void {
    this.#state = 'stopped'
    this.#closeTrack()
  }

  async #pauseForHold(): Promise<void> {
    this.#pausedByHold = true
    this.#track?.event({ type: 'paused', by: 'hold' })
    this.#write({ type: 'camera.paused', because: 'hold' }, 'paused')
    await this.#room?.pauseVideo()
  }

  #packet(rtp: Buffer): void {
    const nowMs = this.#nowMs()
    this.#cut.seen(rtp, nowMs)
    if (this.#shut || this.#cut.isStale(rtp, nowMs)) return
    if (this.#gate === undefined || this.#gate.passes(rtp)) {
      // By the caller's consent, not by whether a track happens to be open: the record will be held against this count.
      if (this.#keeps()) this.#meant += 1
      this.#track?.rtp(rtp)
    } else if (!this.#gate.isOpen && nowMs - this.#askedMs > ASK_EVERY_MS) {
      this.#askedMs = nowMs
      this.#room?.requestKeyFrame()
    }
    this.#catcher?.push(rtp)
  }

  #openTrack(): RtpJournal | undefined {
    if (!this.#video || this.#shut || !this.#keeps()) return undefined
    this.#meant = 0
    const { codec, payloadType, clockRate, ssrc } = this.#video
    return this.#archive.openTrack({ track: 'caller-camera', codec, payloadType, clockRate, ssrc })
  }

  #catch(): void {
    const by = this.#video?.participantId
    if (by === undefined || this.#shut) return
    this.#catcher = new KeyFrameCatcher(this.#codec, ({ widthPx, heightPx }) =>
      this.#events.frameSeen(by, { widthPx, heightPx }),
    )
  }

  #live(): void {
    if (this.#state === 'live' || this.#state === 'paused' || this.#state === 'stopped') return
    this.#write({ type: 'camera.live' }, 'live')
    if (this.#everLive) return
    this.#everLive = true
    this.#events.firstPicture()
  }

  #ended(): void {
    this.#closeTrack()
    if (this.#state !== 'stopped' && this.#state !== 'none') this.#write({ type: 'camera.interrupted' }, 'interrupted')
  }

  #endTrack(): void {
    if (this.#track) this.#archive.forwarded(this.#track.file, this.#meant)
    void this.#track?.close()
    this.#track = undefined
  }

  #closeTrack(): void {
    this.#video = undefined
    this.#endTrack()
    this.#catcher?.close()
    this.#catcher = undefined
  }

  #write(event: CameraEvent, state?: CameraState): void {
    if (this.#by === undefined) return
    this.#log.write({ ...event, by: this.#by })
    if (state) this.#set(state)
  }

  #set(state: CameraState): void {
    if (this.#state === state) return
    this.#state = state
    this.#events.changed()
  }
}

type CameraEvent =
  | {
      type: 'camera.started' | 'camera.live' | 'camera.resumed' | 'camera.interrupted' | 'camera.stopped'
    }
  | { type: 'camera.paused'; because?: 'hold' }
  | { type: 'camera.switched'; facing: 'user' | 'environment' }
  | { type: 'camera.torch'; on: boolean }
  | { type: 'camera.failed'; trouble: CameraTrouble }
