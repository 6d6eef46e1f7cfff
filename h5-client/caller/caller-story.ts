import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { EMPTY_STAGE, foldStage, type Stage } from '../../signaling/protocol/stage.ts'

/** What the journal has told this caller so far. */
export type CallerStory = {
  readonly stage: Stage
  readonly lastSeq: number
  readonly agentHere: boolean
  /** Undefined until an entry says whether the picture is kept. */
  readonly recording: boolean | undefined
  /** The picture is recorded by the kind of call, whatever was agreed. */
  readonly recorder: boolean
  /** The card shutter is closed: nothing is captured. */
  readonly shut: boolean
  /** Whoever holds: the picture rests with the voice. */
  readonly held: { readonly agent: boolean; readonly caller: boolean }
  readonly ended: 'no' | 'over' | 'transferred'
}

export const EMPTY_STORY: CallerStory = {
  stage: EMPTY_STAGE,
  lastSeq: -1,
  agentHere: true,
  recording: undefined,
  recorder: true,
  shut: false,
  held: { agent: false, caller: false },
  ended: 'no',
}

/** Pure: the story after one more entry. An entry that was already told (a second reading after a reconnect) is skipped. */
export function foldStory(story: CallerStory, entry: JournalEntry): CallerStory {
  if (entry.seq <= story.lastSeq) return story
  const next = { ...story, lastSeq: entry.seq, stage: foldStage(story.stage, entry) }
  switch (entry.type) {
    case 'agent.away':
      return { ...next, agentHere: false }
    case 'agent.back':
      return { ...next, agentHere: true }
    case 'consent.given':
      return entry.consent.kind === 'recording' ? { ...next, recording: entry.consent.given } : next
    case 'consent.withdrawn':
      return entry.kind === 'recording' ? { ...next, recording: false } : next
    case 'recording.started':
    case 'recording.stopped':
      return entry.parts.includes('picture') ? { ...next, recorder: entry.type === 'recording.started' } : next
    case 'capture.paused':
      return { ...next, shut: true }
    case 'capture.resumed':
      return { ...next, shut: false }
    case 'voice.held':
    case 'voice.retrieved':
      return { ...next, held: { ...story.held, [entry.by]: entry.type === 'voice.held' } }
    case 'track.opened':
      return entry.track === 'caller-camera' ? { ...next, recording: true } : next
    case 'call.ended':
      return { ...next, ended: entry.end.cause === 'transferred' ? 'transferred' : 'over' }
    default:
      return next
  }
}
