import type { Agent } from '../calls/agent-seat.ts'
import type { SiprecChoice } from '../config/siprec-choice.ts'
import type { Users } from '../store/users.ts'
import { userOfAor } from './recorded-parties.ts'

/** Whose telephone has an address of record: as configured, else the agent whose sign-in name is its user part. */
export function agentByAor(
  users: Pick<Users, 'byName'>,
  configured: SiprecChoice['agents'],
): (aor: string) => Agent | undefined {
  return aor => {
    const user = userOfAor(aor).toLowerCase()
    const match = configured.find(({ pattern }) =>
      pattern.endsWith('*') ? user.startsWith(pattern.slice(0, -1).toLowerCase()) : user === pattern.toLowerCase(),
    )
    const found = users.byName(match?.agent ?? user)
    if (found?.role !== 'agent' || found.disabled) return undefined
    return { id: found.id, name: found.displayName }
  }
}
