import type { DtmfEvent } from './dtmf-in.ts'
import type { HoldChange } from './hold-state.ts'
import type { LatchRank } from './latch.ts'
import type { Format } from './voice-codec.ts'

export type VoiceState =
  | HoldChange
  | { kind: 'lost'; silentForMs: number }
  | { kind: 'found' }
  | ({ kind: 'dtmf' } & DtmfEvent)
  | { kind: 'latched'; rank: LatchRank }

/** Archive tap. Packets are never written to afterwards, so the tap may keep them. */
export type VoiceTap = {
  /** `source`: the agent's packet as it came, on the agent's own timeline; ours begins anew after every filler. */
  rtp(direction: 'in' | 'out', packet: Buffer, kind: 'voice' | 'filler', source?: Buffer): void
  rtcp(direction: 'in' | 'out', packet: Buffer): void
  event(event: VoiceState): void
  /** After an exchange that changed them: what the payload types of voice mean from now on. */
  formats?(formats: readonly Format[]): void
}

/** Everybody who listens to a voice edge. None of them can break the voice: what they throw is counted. */
export class VoiceListeners {
  readonly #failed: (error: unknown) => void
  #voice: (rtp: Buffer) => void = () => {}
  #tap: VoiceTap | undefined
  #state: (state: VoiceState) => void = () => {}
  #toldFormats = ''

  constructor(o: { failed: (error: unknown) => void }) {
    this.#failed = o.failed
  }

  onVoice(sink: (rtp: Buffer) => void): void {
    this.#voice = sink
  }

  onTap(tap: VoiceTap | undefined): void {
    this.#tap = tap
  }

  onState(tell: (state: VoiceState) => void): void {
    this.#state = tell
  }

  voice(rtp: Buffer): void {
    try {
      this.#voice(rtp)
    } catch (error) {
      this.#failed(error)
    }
  }

  tapRtp(direction: 'in' | 'out', packet: Buffer, kind: 'voice' | 'filler', source?: Buffer): void {
    try {
      this.#tap?.rtp(direction, packet, kind, source)
    } catch (error) {
      this.#failed(error)
    }
  }

  tapRtcp(direction: 'in' | 'out', packet: Buffer): void {
    try {
      this.#tap?.rtcp(direction, packet)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Told when they are others than before. */
  formats(formats: readonly Format[]): void {
    const text = JSON.stringify(formats)
    if (text === this.#toldFormats) return
    this.#toldFormats = text
    try {
      this.#tap?.formats?.(formats)
    } catch (error) {
      this.#failed(error)
    }
  }

  state(state: VoiceState): void {
    try {
      this.#tap?.event(state)
    } catch (error) {
      this.#failed(error)
    }
    try {
      this.#state(state)
    } catch (error) {
      this.#failed(error)
    }
  }
}
