import { randomBytes } from 'node:crypto'
import type { ArchiveProblem } from '../../../signaling/protocol/archive.ts'
import { MUTATION_KINDS, type Mutation, type MutationKind } from './mutation.ts'
import { ENCRYPTED, type Form, PLAIN } from './precise.ts'
import type { Specimen } from './specimen.ts'

type Chance = { below(limit: number): number; of<T>(list: readonly T[]): T }

export function chanceOf(random: () => number): Chance {
  const below = (limit: number) => Math.floor(random() * limit)
  return { below, of: list => list[below(list.length)] as (typeof list)[number] }
}

/** A random change of the first call (the second lends what is swapped in); undefined when it would change nothing. */
export function mutate(
  form: 'plain' | 'encrypted',
  [own, other]: readonly [Specimen, Specimen],
  chance: Chance,
): Mutation | undefined {
  const kind = chance.of(MUTATION_KINDS)
  const rules = form === 'plain' ? PLAIN : ENCRYPTED
  const files = new Map(own[form])
  const name = chance.of([...files.keys()])
  const bytes = files.get(name) ?? Buffer.alloc(0)
  const made = change(kind, { files, name, bytes, other: other[form], rules, chance, otherId: other.callId })
  if (made === undefined) return undefined
  const now = files.get(name)
  if (kind !== 'file added' && now?.equals(bytes)) return undefined
  return { kind, files, ...made }
}

type Input = {
  readonly files: Map<string, Buffer>
  readonly name: string
  readonly bytes: Buffer
  readonly other: ReadonlyMap<string, Buffer>
  readonly otherId: string
  readonly rules: Form
  readonly chance: Chance
}
type Made = {
  what: string
  touched: string[]
  expected: ((problem: ArchiveProblem) => boolean)[]
}

function change(kind: MutationKind, o: Input): Made | undefined {
  const { files, name, bytes, rules, chance } = o
  const file = rules.named(name)
  const is = (wanted: ArchiveProblem['kind']) => (problem: ArchiveProblem) =>
    problem.kind === wanted && (!('file' in problem) || problem.file === file)
  switch (kind) {
    case 'bit flip': {
      const at = chance.below(bytes.length)
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8))
      files.set(name, copy)
      return { what: `${name} byte ${at}`, touched: [file], expected: rules.changedAt(name, bytes, at, at + 1) }
    }
    case 'truncation': {
      const to = chance.below(bytes.length)
      files.set(name, bytes.subarray(0, to))
      return {
        what: `${name} cut to ${to} of ${bytes.length}`,
        touched: [file],
        expected: rules.cutTo(name, bytes, to),
      }
    }
    case 'bytes removed': {
      const at = chance.below(bytes.length - 1)
      const to = Math.min(bytes.length - 1, at + 1 + chance.below(2000))
      files.set(name, Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]))
      return { what: `${name} ${at} to ${to} taken out`, touched: [file], expected: rules.removed(name, bytes, at, to) }
    }
    case 'bytes inserted': {
      const at = chance.below(bytes.length)
      const piece = randomBytes(1 + chance.below(2000))
      files.set(name, Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]))
      return {
        what: `${name} ${piece.length} put in at ${at}`,
        touched: [file],
        expected: rules.changedAt(name, bytes, at, at),
      }
    }
    case 're-order': {
      const moved = rules.reorder(name, bytes, chance)
      if (moved === undefined) return undefined
      files.set(name, moved.bytes)
      return { what: `${name} ${moved.what}`, touched: [file], expected: moved.expected }
    }
    case 'swap between calls': {
      const foreign = o.other.get(name)
      if (foreign === undefined) return undefined
      files.set(name, foreign)
      return {
        what: `${name} of ${o.otherId}`,
        touched: rules.swapTouches(name),
        expected: rules.swapped(name, o.otherId),
      }
    }
    case 'swap within the call': {
      const twin = chance.of([...files.keys()])
      const theirs = files.get(twin)
      if (theirs === undefined || twin === name || !rules.isListed(name) || !rules.isListed(twin)) return undefined
      files.set(name, theirs)
      files.set(twin, bytes)
      const twinFile = rules.named(twin)
      const expected = [(p: ArchiveProblem) => p.kind === 'file-swapped' && p.file === file && p.with === twinFile]
      return { what: `${name} and ${twin}`, touched: [file, twinFile], expected }
    }
    case 'file removed':
      files.delete(name)
      return { what: name, touched: [file], expected: [is(rules.missing(name))] }
    case 'file added': {
      const added = `${chance.of(['pages', 'tracks', 'documents', '.'])}/extra-${chance.below(1e6)}`.replace('./', '')
      files.set(added, randomBytes(chance.below(500)))
      return { what: added, touched: [added], expected: [p => p.kind === 'file-added' && p.file === added] }
    }
  }
}
