import { chainHash, NO_LINE_BEFORE, placeOf } from './chain-line.ts'
import { chainDays, type RawChainLine, readRawChain } from './read-chain-log.ts'

/** A state of the chain that somebody outside remembers: so many entries, and the hash of the last of them. */
export type ChainMark = { readonly entries: number; readonly head: string }

export type ChainProblem =
  /** This line is not what the next one says it was, or is no line of a chain at all. */
  | { readonly kind: 'line-altered'; readonly day: string; readonly line: number; readonly seq: number }
  /** Entries `fromSeq` to `toSeq` are gone; noticed at this line. A missing day shows as this at a file's first line. */
  | {
      readonly kind: 'lines-missing'
      readonly fromSeq: number
      readonly toSeq: number
      readonly afterDay: string | undefined
      readonly day: string
      readonly line: number
    }
  /** Something stands where the chain does not go on: added, repeated or re-ordered. */
  | { readonly kind: 'line-out-of-place'; readonly day: string; readonly line: number; readonly seq: number }
  /** A line without its end: a crash, or a cut. */
  | { readonly kind: 'torn-line'; readonly day: string; readonly line: number; readonly fromByte: number }
  /** Fewer entries than remembered outside. */
  | { readonly kind: 'tail-removed'; readonly entries: number; readonly expectedEntries: number }
  /** As many entries as remembered, but others: the chain was written anew. */
  | { readonly kind: 'other-history'; readonly entries: number }

export type ChainVerdict = {
  readonly intact: boolean
  /** Good entries from the beginning. */
  readonly entries: number
  readonly head: string
  readonly days: number
  readonly bytesChecked: number
  /** The first thing that is wrong in the files, then each mark that does not hold. */
  readonly problems: readonly ChainProblem[]
}

/**
 * Follows the whole chain from its first line. The files alone cannot show that their newest lines are gone: give the
 * marks that were kept elsewhere. Never throws on bad content.
 */
export async function verifyChainLog(folder: string, marks: readonly ChainMark[] = []): Promise<ChainVerdict> {
  const days = await chainDays(folder)
  const open = [...marks].filter(mark => mark.entries > 0).sort((a, b) => a.entries - b.entries)
  const problems: ChainProblem[] = []
  const lost: ChainProblem[] = []
  let before: RawChainLine | undefined
  let denied: RawChainLine | undefined
  let entries = 0
  let head = NO_LINE_BEFORE
  let lastAt = ''
  let bytesChecked = 0
  for await (const line of readRawChain(folder, days)) {
    bytesChecked += line.bytes.length + (line.ended ? 1 : 0)
    const problem = judge(line, { entries, head, lastAt })
    if (problem) {
      problems.push(problem)
      break
    }
    if (placeOf(line.bytes)?.prev !== head) {
      denied = line
      break
    }
    entries += 1
    head = chainHash(line.bytes)
    lastAt = placeOf(line.bytes)?.at ?? lastAt
    before = line
    while (open[0]?.entries === entries) {
      if (open.shift()?.head !== head) lost.push({ kind: 'other-history', entries })
    }
  }
  if (denied) problems.push(await whichOfTwo(folder, days, before, denied, marks))
  // A changed line is only denied by the one after it, so the last good one is the changed one.
  if (problems[0]?.kind === 'line-altered' && problems[0].seq < entries) entries = problems[0].seq
  const last = open.at(-1)
  if (last && problems.length === 0) lost.push({ kind: 'tail-removed', entries, expectedEntries: last.entries })
  const all = [...problems, ...lost]
  return { intact: all.length === 0, entries, head, days: days.length, bytesChecked, problems: all }
}

function judge(line: RawChainLine, chain: { entries: number; head: string; lastAt: string }): ChainProblem | undefined {
  const here = { day: line.day, line: line.line }
  if (!line.ended) return { kind: 'torn-line', ...here, fromByte: line.fromByte }
  const place = placeOf(line.bytes)
  if (!place) return { kind: 'line-altered', ...here, seq: chain.entries }
  if (place.seq > chain.entries)
    return {
      kind: 'lines-missing',
      fromSeq: chain.entries,
      toSeq: place.seq - 1,
      afterDay: chain.lastAt === '' ? undefined : chain.lastAt.slice(0, 10),
      ...here,
    }
  // A false time shows in the hash first; a line that chains and yet lies in the wrong day was made by no writer of ours.
  const wrongTime = place.prev === chain.head && (place.at.slice(0, 10) !== line.day || place.at < chain.lastAt)
  const misplaced = place.seq < chain.entries || wrongTime
  return misplaced ? { kind: 'line-out-of-place', ...here, seq: place.seq } : undefined
}

/** `line` does not carry the hash of the line before: which of the two was changed, the one after says (or a mark). */
async function whichOfTwo(
  folder: string,
  days: readonly string[],
  before: RawChainLine | undefined,
  line: RawChainLine,
  marks: readonly ChainMark[],
): Promise<ChainProblem> {
  const seq = placeOf(line.bytes)?.seq ?? 0
  const itself = { kind: 'line-altered', day: line.day, line: line.line, seq } as const
  if (!before) return itself
  const hash = chainHash(line.bytes)
  const from = days.indexOf(line.day)
  let next: RawChainLine | undefined
  for await (const one of readRawChain(folder, days.slice(from))) {
    if (one.day === line.day && one.line <= line.line) continue
    next = one
    break
  }
  const confirmed = next
    ? placeOf(next.bytes)?.prev === hash
    : (marks.find(mark => mark.entries === seq + 1)?.head ?? hash) === hash
  return confirmed ? { kind: 'line-altered', day: before.day, line: before.line, seq: seq - 1 } : itself
}
