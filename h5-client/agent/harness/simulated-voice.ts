import type { RequestName } from '../../../signaling/protocol/catalogue.ts'
import type { JournalEvent } from '../../../signaling/protocol/journal-entry.ts'
import type { DialKey, VoiceControlView } from '../../../signaling/protocol/voice.ts'

export const SIMULATED_CONTROL: VoiceControlView = { hold: 'none', muted: false, keys: 'rtp', mayConsult: true }

type Tools = { change(control: VoiceControlView): void; tell(event: JournalEvent): void }

/** SIMULATED: a far end that agrees to everything at once, and a consulted party that rings until the test says more. */
export function simulatedVoice(
  name: RequestName,
  data: Record<string, unknown>,
  control: VoiceControlView,
  { change, tell }: Tools,
): object {
  switch (name) {
    case 'voice.hold':
      tell({ type: 'voice.held', by: 'agent' })
      change({ ...control, hold: 'held' })
      break
    case 'voice.retrieve':
      tell({ type: 'voice.retrieved', by: 'agent' })
      change({ ...control, hold: 'none' })
      break
    case 'voice.mute':
      tell({ type: 'voice.muted', on: data.on === true })
      change({ ...control, muted: data.on === true })
      break
    case 'voice.key':
      tell({ type: 'voice.key', way: 'rtp', digit: data.digit as DialKey })
      break
    case 'voice.transfer':
      tell({ type: 'transfer.asked', kind: 'blind', to: String(data.to) })
      change({
        ...control,
        hold: 'held',
        transfer: { to: String(data.to), kind: 'blind', way: 'refer', state: 'asked' },
      })
      break
    case 'voice.consult':
      tell({ type: 'consult.began', to: String(data.to) })
      change({
        ...control,
        hold: 'held',
        consult: { to: String(data.to), state: 'dialling', speaking: 'consulted' },
      })
      break
    case 'voice.speakTo': {
      const who = data.who as 'caller' | 'consulted'
      tell({ type: 'consult.speaking', with: who })
      if (control.consult)
        change({
          ...control,
          hold: who === 'caller' ? 'none' : 'held',
          consult: { ...control.consult, speaking: who },
        })
      break
    }
    case 'voice.connect':
      if (control.consult)
        change({ ...control, transfer: { to: control.consult.to, kind: 'attended', way: 'refer', state: 'asked' } })
      break
    case 'voice.cancelConsult': {
      const { consult: _, ...rest } = control
      tell({ type: 'consult.ended' })
      change({ ...rest, hold: 'none' })
      break
    }
  }
  return {}
}
