import type { RoomEvents } from '../../media/room/room-events.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallLog } from '../calls/call-log.ts'

/** What is needed of a media room; `MediaRoom` is one. */
export type ShareRoom = {
  on<N extends keyof RoomEvents>(event: N, listener: (...args: RoomEvents[N]) => void): () => void
  stopScreen(): void
}

/** The agent's screen on the caller's phone: one way, kept like every track, and over as soon as something else is shown. */
export class CallShare {
  readonly #log: CallLog
  readonly #archive: CallArchive
  readonly #allowed: () => boolean
  #room: ShareRoom | undefined
  #track: RtpJournal | undefined
  #by: ParticipantId | undefined

  /** @param o.allowed whether this kind of call has the tool, now */
  constructor(o: { log: CallLog; archive: CallArchive; allowed: () => boolean }) {
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
    room.on('screenStarted', video => {
      this.#ended()
      const { codec, payloadType, clockRate, ssrc } = video
      this.#track = this.#archive.openTrack({ track: 'agent-screen', codec, payloadType, clockRate, ssrc })
      this.#by = video.participantId
      this.#log.write({ type: 'share.started', by: video.participantId })
    })
    room.on('screenRtp', rtp => this.#track?.rtp(rtp))
    room.on('screenRtcp', rtcp => this.#track?.rtcp(rtcp))
    room.on('screenEnded', () => this.#ended())
    room.on('workerDied', () => this.#ended())
  }

  stop(): void {
    this.#room?.stopScreen()
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
    void this.#track?.close()
    this.#track = undefined
    const by = this.#by
    this.#by = undefined
    if (by !== undefined) this.#log.write({ type: 'share.stopped', by })
  }
}
