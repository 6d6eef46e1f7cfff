import { MANIFEST_FILE } from '../archive/durable-file.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { TimestampError, type TimestampFault } from './timestamp-error.ts'
import { type Timestamp, verifyTimestamp } from './verify-timestamp.ts'

const STAMP = /^derived\/stamp\/manifest-\d+\.tsr$/

export type ReadStamp = { readonly file: string } & ({ readonly stamp: Timestamp } | { readonly fault: TimestampFault })

/** The time stamps of a record's seal, each checked against the bytes of its manifest. None: it was never stamped. */
export async function readStamps(files: CallFiles, authorities: readonly string[] = []): Promise<ReadStamp[]> {
  const found: ReadStamp[] = []
  const names = (await files.list()).map(({ path }) => path).filter(path => STAMP.test(path))
  if (names.length === 0) return []
  const data = await files.read(MANIFEST_FILE)
  for (const file of names) {
    try {
      found.push({ file, stamp: await verifyTimestamp({ response: await files.read(file), data, authorities }) })
    } catch (error) {
      if (!(error instanceof TimestampError)) throw error
      found.push({ file, fault: error.fault })
    }
  }
  return found
}
