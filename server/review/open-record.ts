import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { OpenedRecord } from '../../signaling/protocol/review.ts'
import type { Archives } from './archives.ts'
import { maskEverywhere } from './mask-number.ts'
import { readJournal, readManifest } from './read-record.ts'
import { withoutHashes } from './without-hashes.ts'

/** H.264 cameras cannot go into WebM. */
const REPLAYS = ['derived/replay.webm', 'derived/replay.mp4'] as const
const PEAKS = 'derived/peaks.json'
const SCREEN = 'derived/screen.webm'
const SPANS = 'derived/spans.json'
/** Thousands in a call, and of nothing but coordinates. */
const WITHOUT_WORDS: ReadonlySet<JournalEntry['type']> = new Set([
  'pointer.moved',
  'mark.extended',
  'marks.posed',
  'marks.erased',
])

/**
 * What a reviewer sees of a record, the caller's number masked wherever it stands, and without what is computed over the
 * whole number. The verdict is the server's. @throws AppError `not-found`, `unavailable` */
export async function openRecord(
  archives: Archives,
  callId: CallId,
): Promise<Pick<OpenedRecord, 'record' | 'entries' | 'replay' | 'muxState' | 'encryption'>> {
  const call = await archives.call(callId)
  const kept = await archives.files(callId)
  const [record, journal, list] = await Promise.all([readManifest(kept), readJournal(kept), kept.list()])
  if (!record) throw new AppError('unavailable', 'the manifest of this record cannot be read')
  const files = `/api/review/calls/${callId}/files`
  const paths = new Set(list.map(({ path }) => path))
  const file = REPLAYS.find(one => paths.has(one))
  const replay =
    call.state === 'muxed' && file
      ? {
          url: `${files}/${file}`,
          durationMs: record.durationMs,
          peaksUrl: `${files}/${PEAKS}`,
          ...(paths.has(SCREEN) && { screenUrl: `${files}/${SCREEN}` }),
          ...(paths.has(SPANS) && { spansUrl: `${files}/${SPANS}` }),
        }
      : null
  return {
    record: withoutHashes(maskEverywhere(record, record.from)),
    entries: journal.entries.map(entry => ({
      ...(WITHOUT_WORDS.has(entry.type) ? entry : maskEverywhere(entry, record.from)),
      prev: '',
    })),
    replay,
    muxState: call.state,
    encryption: await archives.encryption(callId),
  }
}
