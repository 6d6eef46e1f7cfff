import type { ArchiveProblem } from '../../signaling/protocol/archive.ts'
import { lineHash } from '../journal/call-journal.ts'
import { parseCallJournal } from '../journal/read-call-journal.ts'

type Sealed = {
  readonly path: string
  readonly bytes: number
  readonly callId: string
  readonly entries: number
  readonly head: string
}

/** What is wrong with a call journal that is not the sealed one: whose it is, its tail, its order, or its first false entry. */
export function journalFlaw(bytes: Buffer, sealed: Sealed): ArchiveProblem {
  const file = sealed.path
  const reading = parseCallJournal(bytes)
  const begin = reading.entries[0]
  if (reading.firstBad === undefined && begin?.type === 'call.answered' && begin.callId !== sealed.callId)
    return { kind: 'call-swapped', file, callId: begin.callId }
  const lines = linesOf(bytes)
  const torn = bytes.length > 0 && bytes.at(-1) !== 0x0a
  const wholeLines = torn ? lines.length - 1 : lines.length
  if (bytes.length < sealed.bytes && reading.lines === wholeLines && reading.lines < sealed.entries)
    return { kind: 'tail-removed', file, fromByte: bytes.length, missingBytes: sealed.bytes - bytes.length }
  const moved = firstMoved(lines, sealed.entries)
  if (moved !== undefined) return { kind: 'journal-reordered', file, entry: moved }
  return { kind: 'journal-chain-broken', file, entry: firstFalse(lines, reading.firstBad, sealed) }
}

/** The lines as their very bytes, without line feeds. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at)
    lines.push(bytes.subarray(at, end === -1 ? bytes.length : end))
    at = end === -1 ? bytes.length : end + 1
  }
  return lines
}

/** The first line out of its place when all lines are there and each number once. */
function firstMoved(lines: readonly Buffer[], entries: number): number | undefined {
  const numbers = lines.map(line => linkOf(line)?.seq)
  if (lines.length !== entries || new Set(numbers).size !== entries) return undefined
  if (numbers.some(seq => seq === undefined || !(seq >= 0 && seq < entries))) return undefined
  const first = numbers.findIndex((seq, place) => seq !== place)
  return first === -1 ? undefined : first
}

/** The first entry that differs from what was sealed: the one whose hash the next line (or the manifest) denies. */
function firstFalse(lines: readonly Buffer[], firstBad: number | undefined, sealed: Sealed): number {
  // Everything chains: the last line was altered, or lines were put after it.
  if (firstBad === undefined) return lines.length > sealed.entries ? sealed.entries : Math.max(0, lines.length - 1)
  if (firstBad === 0) return 0
  // A whole line with its own number that the next one vouches for: then the line before it was altered.
  const line = lines[firstBad]
  const vouched = line !== undefined && linkOf(line)?.seq === firstBad && isVouchedFor(lines, firstBad, sealed)
  return vouched ? firstBad - 1 : firstBad
}

/** True when the line after it, or the manifest, carries the hash of line `index`. */
function isVouchedFor(lines: readonly Buffer[], index: number, sealed: Sealed): boolean {
  const hash = lineHash(lines[index] ?? Buffer.alloc(0))
  const next = lines[index + 1]
  return next === undefined ? hash === sealed.head : linkOf(next)?.prev === hash
}

function linkOf(line: Buffer): { readonly seq: number; readonly prev: string } | undefined {
  try {
    const { seq, prev } = JSON.parse(line.toString('utf8')) as { seq: unknown; prev: unknown }
    return Number.isInteger(seq) && typeof prev === 'string' ? { seq: seq as number, prev } : undefined
  } catch {
    return undefined
  }
}
