import { assertNever } from '../../signaling/protocol/assert-never.ts'
import { LocalFolder } from '../store/local-folder.ts'
import type { CallFiles, CallFilesRef } from './call-files.ts'
import { PlainCallFiles } from './plain-call-files.ts'
import { VaultCallFiles } from './vault-call-files.ts'

/** The files behind a reference, in any process. */
export function openCallFiles(ref: CallFilesRef): CallFiles {
  switch (ref.kind) {
    case 'plain':
      return new PlainCallFiles(ref.folder)
    case 'vault': {
      const dataKey = Buffer.from(ref.dataKey, 'base64')
      return new VaultCallFiles({ stored: new LocalFolder(ref.folder), callId: ref.callId, dataKey })
    }
    default:
      return assertNever(ref)
  }
}
