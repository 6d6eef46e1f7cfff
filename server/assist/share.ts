import type { RoomEvents } from '../../media/room/room-events.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { PictureKeeper } from '../capture/call-capture.ts'
import { FilmRecorder } from '../capture/film-recorder.ts'

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
  readonly #film: FilmRecorder
  readonly #allowed: () => boolean
  #room: ShareRoom | undefined
  #onHold = false
  #by: ParticipantId | undefined

  /**
   * @param o.allowed whether this kind of call has the tool, now
   * @param o.keeps whether it is recorded, now
   */
  constructor(o: { log: CallLog; archive: CallArchive; allowed: () => boolean; keeps?: () => boolean }) {
    this.#allowed = o.allowed
    this.#log = o.log
    this.#film = new FilmRecorder({
      track: 'agent-screen',
      archive: o.archive,
      keeps: o.keeps ?? (() => true),
      askKeyFrame: () => this.#room?.requestScreenKeyFrame(),
      nowMs: () => performance.now(),
    })
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
      this.#film.begin(video)
      this.#by = video.participantId
      this.#log.write({ type: 'share.started', by: video.participantId })
      if (this.#onHold) this.#film.event({ type: 'paused', by: 'hold' })
    })
    room.on('screenRtp', rtp => void this.#film.rtp(rtp))
    room.on('screenRtcp', rtcp => this.#film.rtcp(rtcp))
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
    this.#film.event({ type: on ? 'paused' : 'resumed', by: 'hold' })
    void this.#room?.holdScreen(on)
  }

  /** The card shutter closes: the caller goes on seeing the screen, the record does not. */
  shut(): void {
    this.#film.shut()
  }

  unshut(): void {
    this.#film.unshut()
    if (this.#film.video) this.#room?.requestScreenKeyFrame()
  }

  /** A recording has begun or stopped. */
  keepsChanged(): void {
    this.#film.keepsChanged()
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

  #ended(): void {
    this.#film.end()
    const by = this.#by
    this.#by = undefined
    if (by !== undefined) this.#log.write({ type: 'share.stopped', by })
  }
}
