import { MANIFEST_FILE } from '../../recordings/archive/durable-file.ts'
import { JOURNAL_FILE } from '../../recordings/journal/call-journal.ts'
import { type JournalReading, parseCallJournal } from '../../recordings/journal/read-call-journal.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { SealedManifest } from '../../signaling/protocol/archive.ts'

/** Undefined when it is missing or not one of ours. */
export async function readManifest(files: CallFiles): Promise<SealedManifest | undefined> {
  try {
    return SealedManifest.parse(JSON.parse((await files.read(MANIFEST_FILE)).toString('utf8')))
  } catch {
    return undefined
  }
}

/** What can be read of the journal; verification says what is wrong with the rest. */
export async function readJournal(files: CallFiles): Promise<JournalReading> {
  return parseCallJournal(await files.read(JOURNAL_FILE).catch(() => Buffer.alloc(0)))
}
