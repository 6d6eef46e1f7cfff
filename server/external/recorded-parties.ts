import type { RecordedParticipant, RecordingMetadata } from '../../signaling/sip/siprec/recording-metadata.ts'
import type { Agent } from '../calls/agent-seat.ts'

/** Who is who in a recorded call. */
export type RecordedParties = {
  readonly agent: Agent | undefined
  readonly agentParticipant: RecordedParticipant | undefined
  readonly caller: RecordedParticipant | undefined
}

/**
 * The agent is the first participant that is an agent here; the caller the first other one. Where nobody is known, the first
 * participant is the caller and the second the agent: most clients name who called first. Pure.
 */
export function recordedParties(
  metadata: RecordingMetadata,
  agentOf: (aor: string) => Agent | undefined,
): RecordedParties {
  const { participants } = metadata
  const known = participants.find(one => agentOf(one.aor) !== undefined)
  const agentParticipant = known ?? participants[1]
  return {
    agent: known && agentOf(known.aor),
    agentParticipant,
    caller: participants.find(one => one !== agentParticipant),
  }
}

/** The number or user of an address of record; `anonymous` without one. Pure. */
export function userOfAor(aor: string | undefined): string {
  const user = /^(?:sips?|tel):([^@;>]+)/i.exec(aor ?? '')?.[1]
  return user === undefined || !/^[+0-9A-Za-z*#._-]{1,40}$/.test(user) ? 'anonymous' : user
}
