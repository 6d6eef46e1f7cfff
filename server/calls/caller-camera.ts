import { KeyFrameCatcher } from '../../media/picture/key-frame-catcher.ts'
import type { MediaRoom } from '../../media/room/media-room.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { CameraState, CameraTrouble } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import { type Still, stillOf } from '../assist/still.ts'
import type { PictureKeeper } from '../capture/call-capture.ts'
import { FilmRecorder } from '../capture/film-recorder.ts'
import type { CallLog } from './call-log.ts'

const STILL_TIMEOUT_MS = 2_000

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

/** The phone's camera in one call: its state in words, its film in the archive, stills from its key frames. */
export class CallerCamera implements PictureKeeper {
  readonly #log: CallLog
  readonly #film: FilmRecorder
  readonly #events: CameraEvents
  readonly #ffmpegBin: string
  readonly #expectsVideo: () => boolean
  #by: ParticipantId | undefined
  #room: CameraRoom | undefined
  #state: CameraState = 'none'
  #catcher: KeyFrameCatcher | undefined
  #everLive = false
  #onHold = false
  /** The hold paused it: the caller did not, and it comes back with the voice. */
  #pausedByHold = false

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
    this.#film = new FilmRecorder({
      track: 'caller-camera',
      archive: o.archive,
      keeps: o.keeps,
      askKeyFrame: () => this.#room?.requestKeyFrame(),
      meant: (file, packets) => o.archive.forwarded(file, packets),
      nowMs: o.nowMs ?? (() => performance.now()),
    })
    this.#events = o.events
    this.#ffmpegBin = o.ffmpegBin
    this.#expectsVideo = o.expectsVideo
  }

  get state(): CameraState {
    return this.#state
  }

  /** Listens to a room; after the media worker died, to the next one. */
  watch(room: CameraRoom): void {
    // The room may have been opened before or after the call was answered: it is offered at both moments.
    if (this.#room === room) return
    this.#room = room
    if (this.#film.isShut) void room.shutVideo(true)
    room.on('videoStarted', video => {
      this.#by = video.participantId
      this.#endFilm()
      this.#film.begin(video)
      this.#catch()
      this.#write({ type: 'camera.started' }, 'starting')
      if (this.#onHold) void this.#pauseForHold()
    })
    room.on('videoRtp', rtp => {
      if (this.#film.rtp(rtp)) this.#catcher?.push(rtp)
    })
    room.on('videoRtcp', rtcp => this.#film.rtcp(rtcp))
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
    if (this.#film.isShut) return
    this.#film.shut()
    // Half a key frame, or one that somebody waits for, is not finished behind it.
    this.#catcher?.close()
    this.#catcher = undefined
    void this.#room?.shutVideo(true)
  }

  unshut(): void {
    if (!this.#film.isShut) return
    this.#film.unshut()
    this.#catch()
    void this.#room?.shutVideo(false)
  }

  /** The caller has agreed or taken it back, or a recording has begun or stopped: seen in this very instant. */
  keepsChanged(): void {
    this.#film.keepsChanged()
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
      void this.#goOn('hold')
    }
  }

  async pause(): Promise<void> {
    this.#pausedByHold = false
    // Also while it starts: a phone that reloads in a pause comes back paused.
    if (this.#state !== 'live' && this.#state !== 'interrupted' && this.#state !== 'starting') return
    this.#film.event({ type: 'paused' })
    this.#write({ type: 'camera.paused' }, 'paused')
    await this.#room?.pauseVideo()
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return
    if (this.#onHold) {
      this.#pausedByHold = true
      return
    }
    await this.#goOn()
  }

  async #goOn(because?: 'hold'): Promise<void> {
    if (this.#state !== 'paused') return
    await this.#room?.resumeVideo()
    if (this.#onHold) {
      // Held again before the picture was back.
      this.#pausedByHold = true
      await this.#room?.pauseVideo()
      return
    }
    this.#film.event({ type: 'resumed', ...(because && { by: because }) })
    this.#write({ type: 'camera.resumed', ...(because && { because }) }, 'live')
  }

  stop(): void {
    if (this.#by === undefined || this.#state === 'stopped' || this.#state === 'none') return
    this.#write({ type: 'camera.stopped' }, 'stopped')
    this.#room?.closeVideo(this.#by)
    this.#endFilm()
  }

  switched(facing: 'user' | 'environment'): void {
    this.#film.event({ type: 'switched', facing })
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
    const codec = this.#film.video?.codec
    if (!catcher || !codec || this.#state !== 'live')
      throw new AppError('conflict', 'there is no live picture to freeze')
    const next = catcher.next(STILL_TIMEOUT_MS)
    this.#room?.requestKeyFrame()
    return stillOf(codec, await next, this.#ffmpegBin)
  }

  /** A still of the slow scan has come: there is a picture, though no video. */
  stillSeen(): void {
    this.#live()
  }

  /** With the call: the picture ends because the call does, which is no interruption. */
  close(): void {
    this.#state = 'stopped'
    this.#endFilm()
  }

  async #pauseForHold(): Promise<void> {
    this.#pausedByHold = true
    this.#film.event({ type: 'paused', by: 'hold' })
    this.#write({ type: 'camera.paused', because: 'hold' }, 'paused')
    await this.#room?.pauseVideo()
  }

  #catch(): void {
    const { video, isShut } = this.#film
    if (video === undefined || isShut) return
    this.#catcher = new KeyFrameCatcher(video.codec, ({ widthPx, heightPx }) =>
      this.#events.frameSeen(video.participantId, { widthPx, heightPx }),
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
    this.#endFilm()
    if (this.#state !== 'stopped' && this.#state !== 'none') this.#write({ type: 'camera.interrupted' }, 'interrupted')
  }

  #endFilm(): void {
    this.#film.end()
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
      type: 'camera.started' | 'camera.live' | 'camera.interrupted' | 'camera.stopped'
    }
  | { type: 'camera.paused' | 'camera.resumed'; because?: 'hold' }
  | { type: 'camera.switched'; facing: 'user' | 'environment' }
  | { type: 'camera.torch'; on: boolean }
  | { type: 'camera.failed'; trouble: CameraTrouble }
