import { randomBytes } from 'node:crypto'

/** An unguessable id that reads well in a list: `hold_3f9c…`. */
export function shortId(prefix: string): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`
}
