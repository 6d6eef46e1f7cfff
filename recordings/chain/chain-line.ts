import { createHash } from 'node:crypto'

/** What the first line of a chain carries as `prev`. */
export const NO_LINE_BEFORE = '0'.repeat(64)
const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.jsonl$/

/** What every line of a chain begins with; the rest is the owner's business. */
export type ChainPlace = {
  /** From 0, without a gap, across all days. */
  readonly seq: number
  /** ISO 8601 in UTC with milliseconds; never earlier than the line before. */
  readonly at: string
  /** SHA-256 (hex) of the line before without its line feed, also across days. */
  readonly prev: string
}

export function chainHash(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex')
}

export function dayFile(day: string): string {
  return `${day}.jsonl`
}

/** The day a file of a chain belongs to; undefined for any other name. */
export function dayOfFile(name: string): string | undefined {
  return DAY_FILE.exec(name)?.[1]
}

/** The place of a line, or undefined when it is none of ours. */
export function placeOf(line: Uint8Array): ChainPlace | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(line).toString('utf8')) as Partial<ChainPlace> | null
    if (typeof parsed !== 'object' || parsed === null) return undefined
    const { seq, at, prev } = parsed
    if (!Number.isSafeInteger(seq) || typeof at !== 'string' || typeof prev !== 'string') return undefined
    return { seq: seq as number, at, prev }
  } catch {
    return undefined
  }
}
