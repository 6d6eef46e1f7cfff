import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CallLeg, LegGone } from '../../signaling/sip/call-leg.ts'
import type { Logger } from '../logger.ts'
import { VoicePatience } from './voice-patience.ts'

/** How long a key is held on its way from one to the other: it goes out as it goes down, so its length is not known yet. */
const KEY_MS = 160
/** Q.850: normal call clearing, and temporary failure. */
const NORMAL_CLEARING = 16
const TEMPORARY_FAILURE = 41

/** One side of a pair: its dialog, and the RTP endpoint that answers for it. */
export type BridgedLine = { readonly leg: CallLeg; readonly edge: VoiceEdge }

type Who = 'caller' | 'target'

/** Why a pair is no more. */
export type PairEnd = 'caller-hung-up' | 'target-hung-up' | 'line-lost' | 'media-lost' | 'time-limit' | 'server-stopped'

export type BridgedPairOptions = {
  /** Of the call it came from, for log lines: that call has ended and its record is closed. */
  readonly callId: CallId
  readonly caller: BridgedLine
  readonly target: BridgedLine
  /** Silence of either side after which both are ended. */
  readonly voiceLostEndMs: number
  /** However well they get on. */
  readonly limitMs: number
  readonly logger: Logger
  readonly ended: (why: PairEnd, lastedMs: number) => void
}

/**
 * A caller and whom the agent has handed the caller to, where the far end could not do that itself: two dialogs of ours,
 * voice from one RTP endpoint to the other. Nobody listens and nothing is recorded: the record ended with the agent's call.
 */
export class BridgedPair {
  readonly callId: CallId
  readonly #o: BridgedPairOptions
  readonly #patience: Record<Who, VoicePatience>
  readonly #limit: NodeJS.Timeout
  readonly #sinceMs = performance.now()
  #ending: Promise<void> | undefined

  /** Takes both lines over, with everything that is heard of them; from here on they are the pair's to end. */
  constructor(o: BridgedPairOptions) {
    this.callId = o.callId
    this.#o = o
    this.#patience = { caller: this.#newPatience(), target: this.#newPatience() }
    this.#limit = setTimeout(() => void this.end('time-limit'), o.limitMs)
    this.#join('caller', o.caller, o.target)
    this.#join('target', o.target, o.caller)
  }

  /** BYE to whoever is still there. Idempotent; resolves when both lines are gone. */
  end(why: PairEnd, q850 = causeOf(why)): Promise<void> {
    if (this.#ending) return this.#ending
    // Hanging up aborts `gone`, which comes back here: the first end must be known before it begins.
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ending = promise
    resolve(this.#close(why, q850))
    return promise
  }

  async #close(why: PairEnd, q850: number): Promise<void> {
    const { caller, target, ended } = this.#o
    clearTimeout(this.#limit)
    for (const patience of Object.values(this.#patience)) patience.close()
    const said = [caller, target].map(({ leg }) => leg.hangUp(WORDS[why], q850))
    await Promise.all([...said, caller.edge.close(), target.edge.close()])
    ended(why, performance.now() - this.#sinceMs)
  }

  #join(who: Who, here: BridgedLine, there: BridgedLine): void {
    const { leg, edge } = here
    edge.onTap(undefined)
    edge.onVoice(rtp => there.edge.sendVoice(rtp))
    // Of the agent who had gone away, it may still be there.
    edge.holdTone(false)
    let keys: Promise<unknown> = Promise.resolve()
    const key = (digit: string, durationMs: number) => {
      keys = keys.then(() => this.#send(there, digit, durationMs))
    }
    edge.onState(state => {
      if (state.kind === 'dtmf' && state.phase === 'begin') key(state.digit, KEY_MS)
      this.#state(who, there, state)
    })
    leg.onInfoDigit(key)
    if (edge.stats().lost) this.#patience[who].take({ kind: 'lost', silentForMs: 0 })
    if (edge.held.byPeer) this.#state(who, there, { kind: 'held', by: 'peer', direction: 'inactive' })
    leg.gone.addEventListener('abort', () => this.#gone(who, leg), { once: true })
    if (leg.gone.aborted) this.#gone(who, leg)
  }

  #state(who: Who, there: BridgedLine, state: VoiceState): void {
    this.#patience[who].take(state)
    // Whoever holds may send music of its own; where nothing comes, the one who waits hears that it is a hold.
    if ((state.kind === 'held' || state.kind === 'retrieved') && state.by === 'peer')
      there.edge.holdTone(state.kind === 'held')
  }

  /** As RFC 4733 events where the other side takes them, else by INFO; what it takes in neither way is lost. */
  async #send({ leg, edge }: BridgedLine, digit: string, durationMs: number): Promise<void> {
    try {
      if (edge.canSendDtmf) await edge.sendDtmf(digit, durationMs)
      else await leg.info(digit, durationMs)
    } catch (error) {
      this.#o.logger.info({ callId: this.callId, err: error }, 'a key did not reach the other side of a bridged call')
    }
  }

  #gone(who: Who, leg: CallLeg): void {
    const { by, reason } = leg.gone.reason as LegGone
    if (by !== 'peer') {
      void this.end('line-lost')
      return
    }
    // Why one side has hung up is what the other one is told.
    const q850 = reason?.protocol === 'Q.850' ? reason.cause : NORMAL_CLEARING
    void this.end(who === 'caller' ? 'caller-hung-up' : 'target-hung-up', q850)
  }

  #newPatience(): VoicePatience {
    const { voiceLostEndMs } = this.#o
    return new VoicePatience({ limitMs: voiceLostEndMs, lostForGood: () => void this.end('media-lost') })
  }
}

const WORDS: Readonly<Record<PairEnd, string>> = {
  'caller-hung-up': 'the other side hung up',
  'target-hung-up': 'the other side hung up',
  'line-lost': 'the other line was lost',
  'media-lost': 'no voice came any more',
  'time-limit': 'the call was too long',
  'server-stopped': 'the server was stopped',
}

function causeOf(why: PairEnd): number {
  return why === 'line-lost' || why === 'media-lost' || why === 'server-stopped' ? TEMPORARY_FAILURE : NORMAL_CLEARING
}
