import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallLog } from './call-log.ts'
import type { CallMedia } from './call-media.ts'

/** The agent's voice missing for so long means the page is gone: the caller hears the tone. */
const AGENT_AWAY_MS = 600

/** Who can be heard on an answered call: the caller held, lost or there; the agent there or away. */
export class VoicePresence {
  readonly #media: CallMedia
  readonly #log: CallLog
  readonly #voiceLostEndMs: number
  readonly #events: { changed(): void; lostForGood(): void }
  readonly #holding = new Set<'peer' | 'us'>()
  #agentAway = false
  #lost = false
  #givingUp: NodeJS.Timeout | undefined

  constructor(o: {
    media: CallMedia
    log: CallLog
    /** Silence after which the call is given up. */
    voiceLostEndMs: number
    events: { changed(): void; lostForGood(): void }
  }) {
    this.#media = o.media
    this.#log = o.log
    this.#voiceLostEndMs = o.voiceLostEndMs
    this.#events = o.events
  }

  /** The caller's own hold. */
  get held(): boolean {
    return this.#holding.has('peer')
  }
  get callerLost(): boolean {
    return this.#lost && this.#holding.size === 0
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
    switch (state.kind) {
      case 'held':
      case 'retrieved':
        if (this.#holding.has(state.by) === (state.kind === 'held')) return
        this.#holdChanged(state.by, state.kind === 'held')
        if (state.by === 'us') break
        this.#log.write({ type: state.kind === 'held' ? 'voice.held' : 'voice.retrieved', by: 'caller' })
        break
      case 'lost':
        this.#lost = true
        this.#log.write({ type: 'voice.lost', silentForMs: Math.round(state.silentForMs) })
        this.#giveUpAfter(this.#voiceLostEndMs - state.silentForMs)
        break
      case 'found':
        this.#lost = false
        clearTimeout(this.#givingUp)
        this.#log.write({ type: 'voice.found' })
        break
      default:
        // Digits and addresses stand in the track's own journal.
        return
    }
    this.#events.changed()
  }

  close(): void {
    clearTimeout(this.#givingUp)
  }

  /** On hold silence is what was asked for, also of a caller who was lost before: the whole patience begins anew after it. */
  #holdChanged(by: 'peer' | 'us', held: boolean): void {
    if (held) this.#holding.add(by)
    else this.#holding.delete(by)
    clearTimeout(this.#givingUp)
    if (this.#lost && this.#holding.size === 0) this.#giveUpAfter(this.#voiceLostEndMs)
  }

  #giveUpAfter(ms: number): void {
    clearTimeout(this.#givingUp)
    this.#givingUp = setTimeout(() => this.#events.lostForGood(), Math.max(0, ms))
  }
}
