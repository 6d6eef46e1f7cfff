import { FIXED_HEAD_BYTES, readHead, VAULT_SUFFIX } from '../../../recordings/vault/vault-format.ts'
import type { ArchiveProblem } from '../../../signaling/protocol/archive.ts'

type Test = (problem: ArchiveProblem) => boolean
type Chance = { below(limit: number): number }

/** What a precise verdict says of each change, in one of the two forms. Written apart from the verifier's own rules. */
export type Form = {
  /** The name a verdict uses. */
  named(name: string): string
  isListed(name: string): boolean
  changedAt(name: string, was: Buffer, from: number, to: number): Test[]
  cutTo(name: string, was: Buffer, to: number): Test[]
  removed(name: string, was: Buffer, from: number, to: number): Test[]
  reorder(name: string, was: Buffer, chance: Chance): { bytes: Buffer; what: string; expected: Test[] } | undefined
  swapped(name: string, otherId: string): Test[]
  swapTouches(name: string): string[]
  missing(name: string): ArchiveProblem['kind']
}

const one = (...kinds: ArchiveProblem['kind'][]): Test[] => kinds.map(kind => problem => problem.kind === kind)
const MANIFEST_WRONG = one('manifest-unreadable', 'signature-wrong')
const CHECKPOINT_BYTES = 54
/** A second of voice, twice: what lies between two checkpoints, and one more when a checkpoint itself was hit. */
const MAX_RANGE_BYTES = 2.2 * 50 * 182 + 700

const inTrack =
  (name: string, at: number): Test =>
  problem =>
    problem.kind === 'track-checkpoint-wrong' &&
    problem.file === name &&
    problem.fromByte <= at &&
    at <= problem.toByte &&
    problem.toByte - problem.fromByte <= MAX_RANGE_BYTES
const fromTrack =
  (name: string, at: number): Test =>
  problem =>
    problem.kind === 'track-checkpoint-wrong' &&
    problem.file === name &&
    problem.fromByte <= at &&
    at - problem.fromByte <= MAX_RANGE_BYTES
const tail =
  (name: string, at: number): Test =>
  problem =>
    problem.kind === 'tail-removed' && problem.file === name && problem.fromByte === at
const entry =
  (name: string, index: number): Test =>
  problem =>
    problem.kind === 'journal-chain-broken' && problem.file === name && problem.entry === index
const lineAt = (was: Buffer, at: number) => was.subarray(0, at).toString('latin1').split('\n').length - 1
const whole = (name: string): Test[] => [
  problem => (problem.kind === 'file-changed' || problem.kind === 'file-size') && problem.file === name,
]

export const PLAIN: Form = {
  named: name => name,
  isListed: name => name !== 'manifest.json',
  changedAt(name, was, from, to) {
    if (name === 'manifest.json') return MANIFEST_WRONG
    if (name.endsWith('.rtpj')) return to > from ? [inTrack(name, from)] : [fromTrack(name, from)]
    if (name === 'journal.jsonl') return [entry(name, lineAt(was, from))]
    return whole(name)
  },
  cutTo(name, _, to) {
    if (name === 'manifest.json') return MANIFEST_WRONG
    return name.endsWith('.rtpj') || name === 'journal.jsonl' ? [tail(name, to)] : whole(name)
  },
  removed(name, was, from, to) {
    const now = was.length - (to - from)
    if (name === 'manifest.json') return MANIFEST_WRONG
    if (name === 'journal.jsonl') {
      // Joined to what reads as one entry, with those that vouched for it gone: then only the break after it can be told.
      const [first, last] = [lineAt(was, from), lineAt(was, to)]
      const joined = last > first ? [entry(name, first + 1)] : []
      return [entry(name, first), ...joined, ...(last >= lineAt(was, was.length - 1) ? [tail(name, now)] : [])]
    }
    if (!name.endsWith('.rtpj')) return whole(name)
    // With the last checkpoint cut in two, nothing tells what is left of it from a torn end.
    const blurred = to > was.length - CHECKPOINT_BYTES
    return [fromTrack(name, from), ...(blurred ? [tail(name, now)] : [])]
  },
  reorder(name, was, chance) {
    if (name === 'journal.jsonl') {
      const lines = was.toString('utf8').trimEnd().split('\n')
      const [a = 0, b = 0] = [chance.below(lines.length), chance.below(lines.length)].sort((x, y) => x - y)
      if (a === b) return undefined
      const moved = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
      const expected: Test[] = [p => p.kind === 'journal-reordered' && p.file === name && p.entry === a]
      return { bytes: Buffer.from(`${moved.join('\n')}\n`), what: `entries ${a} and ${b}`, expected }
    }
    if (!name.endsWith('.rtpj')) return undefined
    const bytes = 20 + chance.below(400)
    const a = chance.below(was.length - 2 * bytes)
    const moved = Buffer.concat([
      was.subarray(0, a),
      was.subarray(a + bytes, a + 2 * bytes),
      was.subarray(a, a + bytes),
      was.subarray(a + 2 * bytes),
    ])
    return {
      bytes: moved,
      what: `${bytes} bytes at ${a} and after it`,
      expected: [inTrack(name, firstDifference(was, moved))],
    }
  },
  swapped(name, otherId) {
    if (name.startsWith('pages/')) return whole(name)
    return [p => p.kind === 'call-swapped' && p.file === name && p.callId === otherId]
  },
  // With a foreign manifest every file is the wrong one.
  swapTouches: name => (name === 'manifest.json' ? [] : [name]),
  missing: name => (name === 'manifest.json' ? 'manifest-missing' : 'file-missing'),
}

const headOf = (was: Buffer) => readHead(was)?.raw.length ?? FIXED_HEAD_BYTES
const STORED_CHUNK = 64 * 1024 + 16
const chunkAt = (was: Buffer, at: number) => Math.floor((at - headOf(was)) / STORED_CHUNK)
const lastChunk = (was: Buffer) => chunkAt(was, was.length - 1)
const plainName = (name: string) => (name.endsWith(VAULT_SUFFIX) ? name.slice(0, -VAULT_SUFFIX.length) : name)
const head =
  (name: string): Test =>
  p =>
    p.kind === 'file-head-wrong' && p.file === plainName(name)
const chunk =
  (name: string, index: number): Test =>
  p =>
    p.kind === 'chunks-wrong' && p.file === plainName(name) && p.firstChunk === index
const VAULT_WRONG = one('vault-unreadable', 'vault-signature-wrong')

export const ENCRYPTED: Form = {
  named: plainName,
  isListed: name => name.endsWith(VAULT_SUFFIX),
  changedAt(name, was, from, to) {
    if (name === 'vault.json') return VAULT_WRONG
    if (name === 'key.json') return one('key-damaged')
    if (from < headOf(was)) return [head(name)]
    return [chunk(name, chunkAt(was, from)), ...(to === from && from === headOf(was) ? [head(name)] : [])]
  },
  cutTo(name, _, to) {
    if (name === 'vault.json') return VAULT_WRONG
    if (name === 'key.json') return one('key-damaged')
    return [tail(plainName(name), to)]
  },
  removed(name, was, from, to) {
    if (name === 'vault.json') return VAULT_WRONG
    if (name === 'key.json') return one('key-damaged')
    if (from < headOf(was)) return [head(name), tail(plainName(name), was.length - (to - from))]
    const index = chunkAt(was, from)
    // Without the key, a last chunk that lacks something lacks its end.
    const blurred = index === lastChunk(was) ? [tail(plainName(name), was.length - (to - from))] : []
    return [chunk(name, index), ...blurred]
  },
  reorder(name, was, chance) {
    const full = Math.floor((was.length - headOf(was)) / STORED_CHUNK)
    if (!name.endsWith(VAULT_SUFFIX) || full < 2) return undefined
    const [a = 0, b = 0] = [chance.below(full), chance.below(full)].sort((x, y) => x - y)
    if (a === b) return undefined
    const place = (index: number) => headOf(was) + index * STORED_CHUNK
    const bytes = Buffer.from(was)
    was.copy(bytes, place(a), place(b), place(b) + STORED_CHUNK)
    was.copy(bytes, place(b), place(a), place(a) + STORED_CHUNK)
    const expected: Test[] = [p => p.kind === 'chunks-reordered' && p.file === plainName(name) && p.chunk === a]
    return { bytes, what: `chunks ${a} and ${b}`, expected }
  },
  swapped: (name, otherId) => [p => p.kind === 'call-swapped' && p.file === plainName(name) && p.callId === otherId],
  swapTouches: name => (name === 'vault.json' ? [] : [plainName(name)]),
  missing: name => (name === 'vault.json' ? 'vault-missing' : name === 'key.json' ? 'key-missing' : 'file-missing'),
}

function firstDifference(a: Buffer, b: Buffer): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}
