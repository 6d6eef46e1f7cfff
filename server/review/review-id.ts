import { randomBytes } from 'node:crypto'

/** An id of something reviewers make: prefixed so that logs read well, unguessable. */
export function reviewId(prefix: 'find' | 'rel' | 'note' | 'score' | 'task' | 'draw' | 'cal'): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`
}
