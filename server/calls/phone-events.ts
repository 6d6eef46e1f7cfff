import { AppError } from '../../signaling/protocol/errors.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { DialKey } from '../../signaling/protocol/voice.ts'
import type { AgentVoiceEvents } from './agent-voice.ts'
import type { VoiceControl } from './voice-control.ts'

type PhoneEventsOptions = {
  readonly isAnswering: () => boolean
  /** Undefined unless the call is talked on. */
  readonly talking: () => { readonly control: VoiceControl | undefined; write(event: JournalEvent): void } | undefined
  /** The phone has answered a call that waits for it. */
  readonly connect: () => void
  readonly ringAgain: (why: string) => void
  readonly hangUp: () => void
  readonly changed: () => void
  readonly fault: (error: unknown) => void
}

/** What a happening at the agent's phone means for the call. */
export function phoneEvents(o: PhoneEventsOptions): AgentVoiceEvents {
  const written = (event: JournalEvent) => {
    o.talking()?.write(event)
    o.changed()
  }
  return {
    changed: o.changed,
    phoneAnswered: () => {
      if (o.isAnswering()) o.connect()
      else written({ type: 'agent.speaks', by: 'phone' })
      o.changed()
    },
    phoneFailed: failure => {
      if (o.isAnswering()) o.ringAgain("the agent's phone was not reached")
      else written({ type: 'agent.phone-failed', failure })
      o.changed()
    },
    phoneHungUp: () => {
      // Whoever has sent the caller on may put the receiver down: how the transfer goes on is the far end's.
      if (o.talking()?.control?.transfer.underWay === true) o.changed()
      else o.hangUp()
    },
    phoneLost: () => written({ type: 'agent.phone-lost' }),
    phoneHolds: on => {
      const hold = o.talking()?.control?.hold
      // A far end that does not take it stands in the hold's own state.
      const told = on ? hold?.hold() : hold?.retrieve()
      told?.catch(error => error instanceof AppError || o.fault(error))
    },
    phoneKey: digit => {
      const key = DialKey.safeParse(digit)
      const control = o.talking()?.control
      if (!key.success || !control) return
      try {
        // What the far end does not take, or takes too late, is nothing the phone could be told.
        control.key(key.data).catch(() => {})
      } catch {
        // On hold there is nobody to press keys for.
      }
    },
    browserSpeaks: () => written({ type: 'agent.speaks', by: 'browser' }),
  }
}
