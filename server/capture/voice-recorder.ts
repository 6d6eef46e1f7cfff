import { TimelineCut } from '../../media/edge/timeline-cut.ts'
import type { VoiceState, VoiceTap } from '../../media/edge/voice-listeners.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'
import type { Shuttered } from './card-shutter.ts'

type Direction = 'in' | 'out'
const DIRECTIONS: readonly Direction[] = ['in', 'out']
const TRACKS = { in: 'caller-voice', out: 'agent-voice' } as const
const CLOCK_RATE = 8000
const PAYLOAD_TYPES = { PCMU: 0, PCMA: 8 } as const

/** What is needed of a voice edge; `VoiceEdge` is one. */
export type TappedEdge = { readonly codec: 'PCMU' | 'PCMA'; onTap(tap: VoiceTap): void }

/**
 * Both voices of a call on their way into the archive, as they were on the wire. Behind the card shutter nothing goes in:
 * no voice, no keys (RFC 4733), no reports; what was said there and arrives late does not either.
 */
export class VoiceRecorder implements Shuttered {
  readonly #edge: TappedEdge
  readonly #archive: Pick<CallArchive, 'openTrack' | 'forwarded'>
  readonly #tracks: Record<Direction, RtpJournal | undefined> = { in: undefined, out: undefined }
  readonly #cuts = { in: new TimelineCut(CLOCK_RATE), out: new TimelineCut(CLOCK_RATE) }
  readonly #withheld = { in: 0, out: 0 }
  /** Meant for the segment that is open. */
  readonly #meant = { in: 0, out: 0 }
  #on = false
  #shut = false
  /** A key that was pressed behind the shutter and is still down. */
  #hiddenKey = false

  constructor(o: { edge: TappedEdge; archive: Pick<CallArchive, 'openTrack' | 'forwarded'>; isShut: boolean }) {
    this.#edge = o.edge
    this.#archive = o.archive
    this.#shut = o.isShut
    o.edge.onTap({
      rtp: (direction, packet, kind) => this.#rtp(direction, packet, kind),
      rtcp: (direction, packet) => {
        if (!this.#shut) this.#tracks[direction]?.rtcp(packet)
      },
      event: event => this.#event(event),
    })
  }

  /** Begins a segment of each track, or ends it. */
  set(on: boolean): void {
    if (this.#on === on) return
    this.#on = on
    if (!on) {
      this.#end()
      return
    }
    const { codec } = this.#edge
    for (const direction of DIRECTIONS) {
      const track = TRACKS[direction]
      const payloadType = PAYLOAD_TYPES[codec]
      this.#meant[direction] = 0
      this.#tracks[direction] = this.#archive.openTrack({ track, codec, payloadType, clockRate: CLOCK_RATE })
      if (this.#shut) this.#tracks[direction]?.event({ type: 'paused', by: 'card-shutter' })
    }
  }

  shut(): void {
    this.#shut = true
    for (const direction of DIRECTIONS) {
      this.#withheld[direction] = 0
      this.#tracks[direction]?.event({ type: 'paused', by: 'card-shutter' })
    }
  }

  unshut(): void {
    const nowMs = performance.now()
    for (const direction of DIRECTIONS) {
      this.#cuts[direction].cut(nowMs)
      const withheldPackets = this.#withheld[direction]
      this.#tracks[direction]?.event({ type: 'resumed', by: 'card-shutter', withheldPackets })
    }
    this.#shut = false
  }

  #rtp(direction: Direction, packet: Buffer, kind: 'voice' | 'filler'): void {
    const nowMs = performance.now()
    const cut = this.#cuts[direction]
    cut.seen(packet, nowMs)
    if (this.#shut) this.#withheld[direction] += 1
    else if (!cut.isStale(packet, nowMs) && !(direction === 'in' && this.#isHiddenKey(packet))) {
      this.#meant[direction] += 1
      this.#tracks[direction]?.rtp(packet, kind)
    }
  }

  /** Comfort noise apart, what is no voice is a key. */
  #isHiddenKey(packet: Buffer): boolean {
    if (!this.#hiddenKey) return false
    const payloadType = (packet[1] ?? 0) & 0x7f
    return payloadType !== PAYLOAD_TYPES[this.#edge.codec] && payloadType !== 13
  }

  #event(event: VoiceState): void {
    if (event.kind !== 'dtmf') {
      // Hold and loss say nothing of what was said; where a track has a gap they explain it.
      this.#tracks.in?.event({ ...event, type: event.kind })
      return
    }
    if (event.phase === 'begin') this.#hiddenKey = this.#shut
    if (!this.#shut && !this.#hiddenKey) this.#tracks.in?.event({ ...event, type: event.kind })
    if (event.phase === 'end') this.#hiddenKey = false
  }

  /** What the record will be held against: counted here, where packets come in, not where they are written. */
  report(): void {
    for (const direction of DIRECTIONS) {
      const track = this.#tracks[direction]
      if (track) this.#archive.forwarded(track.file, this.#meant[direction])
    }
  }

  #end(): void {
    this.report()
    for (const direction of DIRECTIONS) {
      void this.#tracks[direction]?.close()
      this.#tracks[direction] = undefined
    }
  }
}
