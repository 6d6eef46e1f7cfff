import type { ArchiveProblem } from '../../../signaling/protocol/archive.ts'

export const MUTATION_KINDS = [
  'bit flip',
  'truncation',
  'bytes removed',
  'bytes inserted',
  're-order',
  'swap between calls',
  'swap within the call',
  'file removed',
  'file added',
] as const
export type MutationKind = (typeof MUTATION_KINDS)[number]

/** One change made to a call's files, and what a verdict must say of it to count as precise. */
export type Mutation = {
  readonly kind: MutationKind
  readonly files: ReadonlyMap<string, Buffer>
  /** In words, for the list of misses. */
  readonly what: string
  /** The files (as verdicts call them) that may be named; any other would be a false accusation. */
  readonly touched: readonly string[]
  /** One of them must be among the problems. */
  readonly expected: readonly ((problem: ArchiveProblem) => boolean)[]
}
