/** What a reviewer may do beyond looking: each is given to a person by name, and its use is in the access log. */
export const RIGHTS = [
  /** Agrees, as the second person, to a colleague's release of originals. */
  'release',
  /** Legal holds, erasure requests, retention events and runs. */
  'retention',
  /** Reads the access log of colleagues: reviewer of reviewers. */
  'audit',
  /** Draws samples, assigns work, edits score sheets and checklists. */
  'lead',
] as const
export type Right = (typeof RIGHTS)[number]
