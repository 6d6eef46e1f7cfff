import type { CallRow, OpenedRecord, RecordWork } from '../../signaling/protocol/review.ts'

type Later = 'scenario' | 'flags' | 'tags' | 'reference'
/** A row as a server of an earlier version may answer it: during an upgrade, pages and server are of two versions. */
export type AnsweredRow = Omit<CallRow, Later> & Partial<Pick<CallRow, Later>>
type LaterOfRecord = 'verification' | 'access' | 'watermark' | 'grantedUntil' | 'work'
export type AnsweredRecord = Omit<OpenedRecord, LaterOfRecord> & Partial<Pick<OpenedRecord, LaterOfRecord>>

export function wholeRow(row: AnsweredRow): CallRow {
  return { scenario: null, flags: [], tags: [], reference: null, ...row }
}

export function wholeRecord(answer: AnsweredRecord): OpenedRecord {
  const { record, verdict } = answer
  const work: RecordWork = answer.work ?? {
    row: wholeRow({
      callId: record.callId,
      from: record.from,
      to: record.to,
      agent: record.agent,
      answeredAt: record.answeredAt,
      durationMs: record.durationMs,
      end: record.end,
      snapshots: record.pages.length,
      cameraMs: 0,
      state: answer.muxState,
    }),
    comments: [],
    tags: [],
    scores: [],
    assignments: [],
  }
  const bytes = verdict?.bytesChecked ?? 0
  return {
    access: [],
    watermark: { text: '', lines: [] },
    grantedUntil: '',
    verification: {
      state: verdict ? 'done' : 'running',
      verdict,
      verifiedAt: null,
      bytesChecked: bytes,
      bytesTotal: bytes,
    },
    ...answer,
    work,
  }
}
