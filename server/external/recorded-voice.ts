import type { PortPool } from '../../media/edge/port-pool.ts'
import { parseRecordedLines, type RecordedLine, RecordingSdp, sends } from '../../media/edge/recording-sdp.ts'
import type { SrtpMode } from '../../media/edge/remote-voice.ts'
import { CODECS, type Format, type VoiceCodec } from '../../media/edge/voice-codec.ts'
import type { VoiceTap } from '../../media/edge/voice-listeners.ts'
import { VoiceReceiver } from '../../media/edge/voice-receiver.ts'
import type { TappedEdge } from '../capture/voice-recorder.ts'

type Direction = 'in' | 'out'
export type RecordedVoiceOptions = {
  readonly ports: PortPool
  readonly listenAddress: string
  readonly announcedAddress: string
  readonly sipSourceAddress: string
  readonly codecs: readonly VoiceCodec[]
  readonly srtp: SrtpMode
  /** Whose voice a line is, by its label and place. */
  directionOf(label: string, line: number): Direction
  /** A key of the caller's telephone (RFC 4733) goes down. */
  key(digit: string): void
  /** Whether anything is sent to us now: the client may pause. */
  active(active: boolean): void
}

/** Both voices of a call as a recording client hands them to us: one receiver for each line of its offer. */
export class RecordedVoice implements TappedEdge {
  readonly #o: RecordedVoiceOptions
  readonly #sdp: RecordingSdp
  #receivers: (VoiceReceiver | undefined)[] = []
  #lines: readonly RecordedLine[] = []
  #tap: VoiceTap | undefined
  #closed = false

  constructor(o: RecordedVoiceOptions) {
    this.#o = o
    this.#sdp = new RecordingSdp(o.announcedAddress)
  }

  /** @throws Error before the first answer */
  get codec(): VoiceCodec {
    const [first] = this.wireFormats
    if (!first) throw new Error('no codec before the first answer')
    return first.codec
  }

  get wireFormats(): readonly Format[] {
    const formats = this.#lines.flatMap(({ remote }) => (remote ? [remote] : []))
    return formats
      .map(({ codec, payloadType }) => ({ codec, payloadType }))
      .filter((one, n, all) => all.findIndex(other => other.payloadType === one.payloadType) === n)
  }

  /** The labels of the lines that are recorded, by their place in the offer. */
  get labels(): ReadonlyMap<number, string> {
    return new Map(this.#lines.flatMap(({ remote, label }, n) => (remote ? [[n, label] as const] : [])))
  }

  get active(): boolean {
    return this.#lines.some(({ remote }) => remote !== undefined && sends(remote))
  }

  onTap(tap: VoiceTap): void {
    this.#tap = tap
  }

  /**
   * Answers the client's offer, the first or a later one; without an offer, what was answered last.
   * @throws SdpRefusal, PortsExhausted; what was agreed before stays
   */
  async answer(offerSdp: string | undefined): Promise<string> {
    if (offerSdp === undefined || offerSdp.trim() === '') return this.#sdp.last
    const lines = parseRecordedLines(offerSdp, this.#o)
    const receivers: (VoiceReceiver | undefined)[] = []
    const made: VoiceReceiver[] = []
    try {
      for (const [n, { remote }] of lines.entries()) {
        const standing = this.#receivers[n]
        const receiver = remote && (standing ?? (await this.#open(n)))
        if (receiver && receiver !== standing) made.push(receiver)
        receivers.push(receiver)
      }
    } catch (error) {
      for (const receiver of made) receiver.close()
      throw error
    }
    if (this.#closed) for (const receiver of made) receiver.close()
    for (const before of this.#receivers) if (before && !receivers.includes(before)) before.close()
    const was = this.active
    this.#receivers = receivers
    this.#lines = lines
    for (const [n, { remote }] of lines.entries()) if (remote) receivers[n]?.listen(remote)
    if (this.#tap && was !== this.active) this.#o.active(this.active)
    this.#tap?.formats?.(this.wireFormats)
    return this.#sdp.answer(
      lines,
      receivers.map(receiver => receiver && { port: receiver.port, crypto: receiver.crypto }),
    )
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    for (const receiver of this.#receivers) receiver?.close()
    this.#tap = undefined
  }

  #open(line: number): Promise<VoiceReceiver> {
    const direction = () => this.#o.directionOf(this.#lines[line]?.label ?? '', line)
    return VoiceReceiver.create({
      ports: this.#o.ports,
      listenAddress: this.#o.listenAddress,
      sipSourceAddress: this.#o.sipSourceAddress,
      nowMs: () => performance.now(),
      tap: {
        rtp: packet => this.#tap?.rtp(direction(), packet, 'voice'),
        key: event => {
          // What the agent presses works nothing here, and stands in the agent's track as it came.
          if (direction() !== 'in') return
          this.#tap?.event({ kind: 'dtmf', ...event })
          if (event.phase === 'begin') this.#o.key(event.digit)
        },
        // Their reports belong to the track; ours say nothing of either party.
        rtcp: (way, packet) => {
          if (way === 'in') this.#tap?.rtcp(direction(), packet)
        },
      },
    })
  }
}

/** What a recorded voice may be in: everything the archive reads. */
export const RECORDED_CODECS = Object.keys(CODECS) as VoiceCodec[]
