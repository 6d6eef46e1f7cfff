import type { CallFiles, CallFilesRef } from './call-files.ts'
import { PlainCallFiles } from './plain-call-files.ts'

/** The files behind a reference, in any process. */
export function openCallFiles(ref: CallFilesRef): CallFiles {
  return new PlainCallFiles(ref.folder)
}
