import type { ArchiveProblem } from '../../signaling/protocol/archive.ts'
import { assertNever } from '../../signaling/protocol/assert-never.ts'

/** One finding in English, with the file and the place in it: for the offline verifier and for printed reports. */
export function problemSentence(problem: ArchiveProblem): string {
  switch (problem.kind) {
    case 'manifest-missing':
      return 'manifest.json is missing: the call was never sealed, or somebody removed it'
    case 'manifest-unreadable':
      return 'manifest.json is damaged or altered'
    case 'signature-wrong':
      return 'the signature does not fit manifest.json'
    case 'unknown-key':
      return 'sealed by another key than the one given'
    case 'file-missing':
      return `${problem.file}: missing`
    case 'file-added':
      return `${problem.file}: was not there when the call was sealed`
    case 'file-changed':
      return `${problem.file}: content changed`
    case 'file-size':
      return `${problem.file}: size changed`
    case 'journal-chain-broken':
      return `${problem.file}: entry ${problem.entry} (line ${problem.entry + 1}) changed`
    case 'track-checkpoint-wrong':
      return `${problem.file}: changed between byte ${problem.fromByte} and byte ${problem.toByte}`
    case 'vault-missing':
      return 'vault.json is missing: the encrypted files cannot be compared with what was sealed'
    case 'vault-unreadable':
      return 'vault.json is damaged or altered'
    case 'vault-signature-wrong':
      return 'the signature does not fit vault.json'
    case 'key-missing':
      return 'key.json is missing: this call can never be read again'
    case 'key-damaged':
      return 'key.json is damaged or altered'
    case 'key-wrong':
      return 'the key does not belong to this call'
    case 'tail-removed':
      return `${problem.file}: the end was cut off: it ends at byte ${problem.fromByte}, ${problem.missingBytes} bytes are missing`
    case 'call-swapped':
      return `${problem.file}: belongs to another call (${problem.callId})`
    case 'file-swapped':
      return `${problem.file}: is ${problem.with}, put in its place`
    case 'journal-reordered':
      return `${problem.file}: entries stand in another order, first at entry ${problem.entry} (line ${problem.entry + 1})`
    case 'chunks-wrong':
      return `${problem.file}: changed between byte ${problem.fromByte} and byte ${problem.toByte} of the encrypted file (chunks ${problem.firstChunk} to ${problem.lastChunk})`
    case 'chunks-reordered':
      return `${problem.file}: chunks of the encrypted file stand in another order, first at chunk ${problem.chunk}`
    case 'file-head-wrong':
      return `${problem.file}: the beginning of the encrypted file was changed`
    default:
      return assertNever(problem)
  }
}
