import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallLog } from './call-log.ts'
import type { CallMedia } from './call-media.ts'
import { VoicePatience } from './voice-patience.ts'

/** The agent's voice missing for so long means the page is gone: the caller hears the tone. */
const AGENT_AWAY_MS = 600

/** Who can be heard on an answered call: the caller held, lost or there; the agent there or away. */
export class VoicePresence {
  readonly #media: CallMedia
  readonly #log: CallLog
  readonly #events: { changed(): void; lostForGood(): void }
  readonly #patience: VoicePatience
  #agentAway = false

  constructor(o: {
    media: CallMedia
    log: CallLog
    /** Silence after which the call is given up. */
    voiceLostEndMs: number
    events: { changed(): void; lostForGood(): void }
  }) {
    this.#media = o.media
    this.#log = o.log
    this.#events = o.events
    this.#patience = new VoicePatience({ limitMs: o.voiceLostEndMs, lostForGood: () => o.events.lostForGood() })
  }

  /** The caller's own hold. */
  get held(): boolean {
    return this.#patience.holds('peer')
  }
  get callerLost(): boolean {
    return this.#patience.lost
  }
  get agent(): CallView['agentVoice'] {
    return this.#agentAway ? 'away' : 'connected'
  }

  /** A few times a second: notices that the agent is not heard any more. */
  tick(): void {
    if (this.#agentAway || this.#media.agentSilentMs() < AGENT_AWAY_MS) return
    this.#agentAway = true
    this.#media.agentAway(true)
    this.#log.write({ type: 'agent.away' })
    this.#events.changed()
  }

  agentHeard(): void {
    if (!this.#agentAway) return
    this.#agentAway = false
    this.#media.agentAway(false)
    this.#log.write({ type: 'agent.back' })
    this.#events.changed()
  }

  caller(state: VoiceState): void {
    // Digits and addresses stand in the track's own journal.
    if (!this.#patience.take(state)) return
    switch (state.kind) {
      case 'held':
      case 'retrieved':
        if (state.by === 'us') break
        this.#log.write({ type: state.kind === 'held' ? 'voice.held' : 'voice.retrieved', by: 'caller' })
        break
      case 'lost':
        this.#log.write({ type: 'voice.lost', silentForMs: Math.round(state.silentForMs) })
        break
      case 'found':
        this.#log.write({ type: 'voice.found' })
        break
      default:
        break
    }
    this.#events.changed()
  }

  close(): void {
    this.#patience.close()
  }
}
