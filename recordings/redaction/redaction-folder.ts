import { DERIVED_FOLDER } from '../archive/durable-file.ts'

export const REDACTED_JOURNAL = 'journal-redacted.json'
export const RELEASE_FILE = 'release.json'

/** Where the copy lies in the record's files. */
export function redactionFolder(redactionId: string): string {
  return `${DERIVED_FOLDER}/redactions/${redactionId}`
}
