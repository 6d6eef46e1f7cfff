import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { JOURNAL_FILE, lineHash, NO_PREVIOUS } from './call-journal.ts'

export type JournalReading = {
  /** The entries up to the first flaw, without those listed in `unreadable`. */
  readonly entries: readonly JournalEntry[]
  /** Sequence numbers of lines that are properly chained but do not fit the schema (say, written by a newer version). */
  readonly unreadable: readonly number[]
  /** Good lines, `unreadable` ones included. */
  readonly lines: number
  /** Hash of the last good line. */
  readonly head: string
  /** Bytes of the good lines; anything after them is torn or false. */
  readonly goodBytes: number
  readonly totalBytes: number
  /** Index of the first line that is not whole or not correctly chained. */
  readonly firstBad: number | undefined
}

const Link = z.looseObject({ seq: z.number(), prev: z.string() })

/**
 * Reads and validates the journal of a kept call, or the plain file of an open call at a path.
 * @throws NoSuchFile, or the error of whoever keeps the file, when it cannot be read.
 */
export async function readCallJournal(from: Pick<CallFiles, 'read'> | string): Promise<JournalReading> {
  return parseCallJournal(typeof from === 'string' ? await readFile(from) : await from.read(JOURNAL_FILE))
}

/**
 * Validates the bytes of a call journal: every line must be JSON with its own sequence number and the hash of the line
 * before; entries are checked against the schema. Never throws on bad content; stops at the first broken link.
 */
export function parseCallJournal(bytes: Buffer): JournalReading {
  const entries: JournalEntry[] = []
  const unreadable: number[] = []
  let lines = 0
  let head = NO_PREVIOUS
  let at = 0
  let firstBad: number | undefined
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at)
    const value = end === -1 ? undefined : parse(bytes.subarray(at, end))
    const link = Link.safeParse(value)
    if (!link.success || link.data.seq !== lines || link.data.prev !== head) {
      firstBad = lines
      break
    }
    const entry = JournalEntry.safeParse(value)
    if (entry.success) entries.push(entry.data)
    else unreadable.push(lines)
    head = lineHash(bytes.subarray(at, end))
    lines += 1
    at = end + 1
  }
  return { entries, unreadable, lines, head, goodBytes: at, totalBytes: bytes.length, firstBad }
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
}
