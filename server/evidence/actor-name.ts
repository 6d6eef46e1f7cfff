import type { AuditActor } from '../../signaling/protocol/audit.ts'

/** Who did something, by name at that time. */
export const actorName = (user: AuditActor): string => (user === 'system' ? 'system' : user.name)
