import { AppError } from '../../signaling/protocol/errors.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { DialKey } from '../../signaling/protocol/voice.ts'
import type { AgentVoiceEvents } from './agent-voice.ts'
import type { Call } from './call.ts'
import type { Ringing } from './ringing.ts'

/** What a happening at the agent's phone means for the call. @param ringing what the call comes from, if it came in */
export function phoneEvents(call: Call, ringing: () => Ringing | undefined): AgentVoiceEvents {
  const changed = () => call.changed()
  const answering = () => (call.phase === 'answering' ? ringing() : undefined)
  const control = () => (call.phase === 'talking' ? call.voiceControl : undefined)
  const written = (event: JournalEvent) => {
    if (call.phase === 'talking') call.live.log.write(event)
    changed()
  }
  return {
    changed,
    phoneAnswered: () => {
      const waiting = answering()
      if (waiting) void waiting.agentHeard()
      else written({ type: 'agent.speaks', by: 'phone' })
      changed()
    },
    phoneFailed: failure => {
      const waiting = answering()
      if (waiting) void waiting.giveBack("the agent's phone was not reached")
      else written({ type: 'agent.phone-failed', failure })
      changed()
    },
    phoneHungUp: () => {
      // Whoever has sent the caller on may put the receiver down: how the transfer goes on is the far end's.
      if (control()?.transfer.underWay === true) changed()
      else void call.end({ cause: 'agent-hung-up' })
    },
    phoneLost: () => written({ type: 'agent.phone-lost' }),
    phoneHolds: on => {
      const hold = control()?.hold
      // A far end that does not take it stands in the hold's own state.
      const told = on ? hold?.hold() : hold?.retrieve()
      told?.catch(error => error instanceof AppError || call.deps.events.fault('desk phone', error))
    },
    phoneKey: digit => {
      const key = DialKey.safeParse(digit)
      const talking = control()
      if (!key.success || !talking) return
      try {
        // What the far end does not take, or takes too late, is nothing the phone could be told.
        talking.key(key.data).catch(() => {})
      } catch {
        // On hold there is nobody to press keys for.
      }
    },
    browserSpeaks: () => written({ type: 'agent.speaks', by: 'browser' }),
  }
}
