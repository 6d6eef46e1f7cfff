import type { VoiceLineSpeaker } from '../../signaling/protocol/journal-entry.ts'
import type { RecordedParticipant, RecordingMetadata } from '../../signaling/sip/siprec/recording-metadata.ts'
import type { Agent } from '../calls/agent-seat.ts'
import { type RecordedParties, recordedParties } from './recorded-parties.ts'

type Track = VoiceLineSpeaker['track']
type Spoken = { readonly told: VoiceLineSpeaker; readonly people: readonly string[] }
/** What the journal has to say: all lines as they are now, and the tracks in which somebody else is heard from here on. */
export type SpeakersChange = { lines: VoiceLineSpeaker[]; changed: Track[] }

const TRACKS = ['caller-voice', 'agent-voice'] as const
const MAX_LABEL = 200

/**
 * Whose voice stands in each line of a recording client's offer, by label and metadata, and whether that is who it was. The first
 * to be described as caller or agent stays that; whoever comes later is somebody else.
 */
export class LineSpeakers {
  readonly #agentOf: (aor: string) => Agent | undefined
  /** A voice of nobody in particular stays where its line was. */
  readonly #places = new Map<string, Track>()
  #parties: RecordedParties
  #metadata: RecordingMetadata
  #before: readonly Spoken[] | undefined

  constructor(metadata: RecordingMetadata, agentOf: (aor: string) => Agent | undefined) {
    this.#metadata = metadata
    this.#agentOf = agentOf
    this.#parties = recordedParties(metadata, agentOf)
  }

  get metadata(): RecordingMetadata {
    return this.#metadata
  }

  get parties(): RecordedParties {
    return this.#parties
  }

  /** Who was not there at first, and whose place nobody has, may take it now. */
  described(metadata: RecordingMetadata): void {
    this.#metadata = metadata
    const { agent, ...before } = this.#parties
    const free = metadata.participants.filter(
      one => !isSame(one, before.caller) && !isSame(one, before.agentParticipant),
    )
    const known = free.find(one => this.#agentOf(one.aor) !== undefined)
    const agentParticipant = before.agentParticipant ?? known ?? (before.caller && free[0])
    const caller = before.caller ?? free.find(one => one !== agentParticipant && one !== known)
    this.#parties = { agent, agentParticipant, caller }
  }

  /** `out` the agent's voice, `in` the caller's and what nobody is named for. */
  directionOf(label: string, line: number): 'in' | 'out' {
    return this.#speaks(label, line).told.track === 'agent-voice' ? 'out' : 'in'
  }

  /**
   * After every description and every answer. The first time only what is wrong from the beginning is a change: two people in
   * one track.
   * @param labels of the lines that are recorded, by their place in the offer
   */
  look(labels: ReadonlyMap<number, string>): SpeakersChange | undefined {
    const now = [...labels].map(([line, label]) => this.#speaks(label, line))
    for (const [line, label] of labels) this.#places.set(placeKey(label, line), this.#speaks(label, line).told.track)
    const before = this.#before
    this.#before = now
    const changed = TRACKS.filter(track => {
      const [then, here] = [peopleIn(before ?? [], track), peopleIn(now, track)]
      if (here.length === 0) return false
      if (then.length === 0) return here.length > 1
      return then.join('\n') !== here.join('\n')
    })
    const same = before && JSON.stringify(before) === JSON.stringify(now)
    if (same || (before === undefined && changed.length === 0)) return undefined
    return { lines: now.map(one => one.told), changed }
  }

  #speaks(label: string, line: number): Spoken {
    const who = this.#sendersOf(label, line)
    const { caller, agentParticipant } = this.parties
    const told = (track: Track, speaker: VoiceLineSpeaker['speaker']): Spoken => ({
      told: { label: label.slice(0, MAX_LABEL), track, speaker },
      people: who.map(personKey).sort(),
    })
    // A client that mixes both into one line is recorded as the caller.
    if (who.some(one => isSame(one, caller))) return told('caller-voice', 'caller')
    if (who.some(one => isSame(one, agentParticipant))) return told('agent-voice', 'agent')
    const [first] = who
    if (first && this.#agentOf(first.aor)) return told('agent-voice', 'other')
    const place = this.#places.get(placeKey(label, line)) ?? 'caller-voice'
    return told(place, first ? 'other' : 'unknown')
  }

  /** A description without associations goes by the order of the lines. */
  #sendersOf(label: string, line: number): readonly RecordedParticipant[] {
    const { participants, streams, sends } = this.#metadata
    const ids = streams.filter(one => one.label === label && label !== '').map(one => one.id)
    const who = participants.filter(one => (sends.get(one.id) ?? []).some(stream => ids.includes(stream)))
    if (who.length > 0) return who
    const nth = participants[line]
    return nth && !sends.has(nth.id) ? [nth] : []
  }
}

/** Some clients give new ids to the people of before; the address stays. */
function isSame(one: RecordedParticipant, other: RecordedParticipant | undefined): boolean {
  return other !== undefined && (one.id === other.id || (one.aor !== '' && one.aor === other.aor))
}

const personKey = ({ id, aor }: RecordedParticipant): string => aor || id
const placeKey = (label: string, line: number): string => (label === '' ? `#${line}` : label)

/** In a fixed order; somebody unknown is somebody. */
function peopleIn(lines: readonly Spoken[], track: Track): string[] {
  const there = lines.filter(one => one.told.track === track)
  return [...new Set(there.flatMap(one => (one.people.length > 0 ? one.people : ['?'])))].sort()
}
