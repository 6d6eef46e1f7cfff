import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { TimestampFault } from '../anchor/timestamp-error.ts'

/** What is wrong with an unpacked package, beside what is wrong with the record inside it. */
export type PackageProblem =
  | {
      readonly kind:
        | 'package-unreadable'
        | 'package-signature-wrong'
        | 'package-unknown-key'
        /** The sealed manifest inside is not the one the package was made of. */
        | 'package-other-record'
    }
  | { readonly kind: 'file-missing' | 'file-added' | 'file-changed'; readonly file: string }
  | {
      readonly kind: 'stamp-wrong'
      readonly file: string
      readonly of: 'manifest' | 'digest'
      readonly fault: TimestampFault
    }
  /** `digest-of-others`: a good digest of another day, or one that does not name this record. */
  | { readonly kind: 'digest-unreadable' | 'digest-unknown-key' | 'digest-of-others'; readonly file: string }

/** One finding in English, with the file: for the offline verifier. */
export function packageProblemSentence(problem: PackageProblem): string {
  switch (problem.kind) {
    case 'package-unreadable':
      return 'package-manifest.json is missing, damaged or altered'
    case 'package-signature-wrong':
      return 'the signature does not fit package-manifest.json'
    case 'package-unknown-key':
      return 'the package is signed by another key than the one given'
    case 'package-other-record':
      return 'originals/manifest.json is not the one this package was made of'
    case 'file-missing':
      return `${problem.file}: is listed in package-manifest.json and missing`
    case 'file-added':
      return `${problem.file}: was not in the package`
    case 'file-changed':
      return `${problem.file}: content changed since the package was made`
    case 'stamp-wrong':
      return problem.fault === 'imprint-wrong'
        ? `${problem.file}: stamps something else than this ${problem.of === 'manifest' ? 'record' : 'digest'} (imprint-wrong)`
        : `${problem.file}: the time stamp does not hold (${problem.fault})`
    case 'digest-unreadable':
      return `${problem.file}: the digest is damaged or altered`
    case 'digest-unknown-key':
      return `${problem.file}: the digest is signed by another key than the one given`
    case 'digest-of-others':
      return `${problem.file}: the digest is of another day, or does not name this record`
    default:
      return assertNever(problem)
  }
}
