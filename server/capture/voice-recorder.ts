import { TimelineCut } from '../../media/edge/timeline-cut.ts'
import { CODECS, type Format, type VoiceCodec } from '../../media/edge/voice-codec.ts'
import type { VoiceState, VoiceTap } from '../../media/edge/voice-listeners.ts'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RtpJournal } from '../../recordings/tracks/rtp-journal.ts'
import type { Shuttered } from './card-shutter.ts'

type Direction = 'in' | 'out'
const DIRECTIONS: readonly Direction[] = ['in', 'out']
const TRACKS = { in: 'caller-voice', out: 'agent-voice' } as const
const COMFORT_NOISE = 13
/** Header, extensions, and the four bytes of a few events (RFC 4733); 10 ms of voice are more. */
const MAX_KEY_BYTES = 60

/** What is needed of a voice edge; `VoiceEdge` is one. */
export type TappedEdge = {
  readonly codec: VoiceCodec
  readonly wireFormats: readonly Format[]
  onTap(tap: VoiceTap): void
}

/**
 * Both voices of a call on their way into the archive, as they were on the wire. Behind the card shutter nothing goes in:
 * no voice, no keys (RFC 4733), no reports; what was said there and arrives late does not either.
 */
export class VoiceRecorder implements Shuttered {
  readonly #edge: TappedEdge
  readonly #nowMs: () => number
  readonly #archive: Pick<CallArchive, 'openTrack' | 'forwarded'>
  readonly #tracks: Record<Direction, RtpJournal | undefined> = { in: undefined, out: undefined }
  readonly #cuts: Record<Direction, TimelineCut>
  readonly #withheld = { in: 0, out: 0 }
  /** Meant for the segment that is open. */
  readonly #meant = { in: 0, out: 0 }
  #on = false
  #shut = false
  /** A key that was pressed behind the shutter and is still down. */
  #hiddenKey = false
  /** The caller's packet that is being taken in was sent behind the shutter; what it tells of a key comes right after it. */
  #late = false

  /** @param o.nowMs of whatever clock, as long as it is monotonic */
  constructor(o: {
    edge: TappedEdge
    archive: Pick<CallArchive, 'openTrack' | 'forwarded'>
    isShut: boolean
    nowMs?: () => number
  }) {
    this.#edge = o.edge
    this.#nowMs = o.nowMs ?? (() => performance.now())
    this.#archive = o.archive
    const { clockRate } = CODECS[o.edge.codec]
    this.#cuts = { in: new TimelineCut(clockRate), out: new TimelineCut(clockRate) }
    this.#shut = o.isShut
    o.edge.onTap({
      rtp: (direction, packet, kind, source) => this.#rtp(direction, packet, kind, source),
      rtcp: (direction, packet) => {
        if (!this.#shut) this.#tracks[direction]?.rtcp(packet)
      },
      event: event => this.#event(event),
      formats: formats => this.#formats(formats),
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
    const formats = this.#edge.wireFormats
    // What stands on the wire, which is not always the browser's codec and not always its usual number.
    const { codec, payloadType } = formats[0] ?? {
      codec: this.#edge.codec,
      payloadType: CODECS[this.#edge.codec].payloadType,
    }
    const { clockRate } = CODECS[codec]
    for (const direction of DIRECTIONS) {
      const track = TRACKS[direction]
      this.#meant[direction] = 0
      this.#tracks[direction] = this.#archive.openTrack({ track, codec, payloadType, clockRate })
      if (formats.length > 1) this.#tracks[direction]?.event({ type: 'formats', formats })
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
    const nowMs = this.#nowMs()
    for (const direction of DIRECTIONS) {
      this.#cuts[direction].cut(nowMs)
      const withheldPackets = this.#withheld[direction]
      this.#tracks[direction]?.event({ type: 'resumed', by: 'card-shutter', withheldPackets })
    }
    this.#shut = false
  }

  #rtp(direction: Direction, packet: Buffer, kind: 'voice' | 'filler', source: Buffer = packet): void {
    const late = kind === 'voice' && this.#isLate(direction, source)
    if (direction === 'in') this.#late = late
    if (this.#shut) this.#withheld[direction] += 1
    else if (!late && !(direction === 'in' && this.#isHiddenKey(packet))) {
      this.#meant[direction] += 1
      this.#tracks[direction]?.rtp(packet, kind)
    }
  }

  /** By the speaker's own timeline. Fillers are made in this very moment and are never late. */
  #isLate(direction: Direction, source: Buffer): boolean {
    const nowMs = this.#nowMs()
    const cut = this.#cuts[direction]
    // The timestamp of a key is that of its beginning, however long it is held: it says nothing of how quick a packet was.
    if (!this.#isKey(source)) cut.seen(source, nowMs)
    return cut.isStale(source, nowMs)
  }

  #isHiddenKey(packet: Buffer): boolean {
    return this.#hiddenKey && this.#isKey(packet)
  }

  /** Comfort noise apart, what is no voice is a key; voice under another number than the usual is longer. */
  #isKey(packet: Buffer): boolean {
    const payloadType = (packet[1] ?? 0) & 0x7f
    return packet.length <= MAX_KEY_BYTES && payloadType !== COMFORT_NOISE && !this.#isVoice(payloadType)
  }

  /** As it stands on the wire now, or as the browser numbers it. */
  #isVoice(payloadType: number): boolean {
    const { codec, wireFormats } = this.#edge
    return payloadType === CODECS[codec].payloadType || wireFormats.some(format => format.payloadType === payloadType)
  }

  /** A reader has to know what the numbers mean from here on (RFC 3264 section 8.3.2). */
  #formats(formats: readonly Format[]): void {
    for (const direction of DIRECTIONS) this.#tracks[direction]?.event({ type: 'formats', formats })
  }

  #event(event: VoiceState): void {
    if (event.kind !== 'dtmf') {
      // Hold and loss say nothing of what was said; where a track has a gap they explain it.
      this.#tracks.in?.event({ ...event, type: event.kind })
      return
    }
    if (event.phase === 'begin') this.#hiddenKey = this.#shut || this.#late
    if (!this.#shut && !this.#hiddenKey) this.#tracks.in?.event({ ...event, type: event.kind })
    if (event.phase === 'begin' || !this.#hiddenKey) return
    this.#hiddenKey = false
    // A key that begins in the very packet that ended this one may be the same, held on in a new stream.
    this.#late = true
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
