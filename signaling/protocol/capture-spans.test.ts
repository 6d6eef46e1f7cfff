import t from 'tap'
import { capturePauses, recordedSpans } from './capture-spans.ts'
import type { JournalEntry, JournalEvent } from './journal-entry.ts'

const journal = (...events: [number, JournalEvent][]): JournalEntry[] =>
  events.map(([atMs, event], seq) => ({ ...event, seq, atMs, prev: '' }) as JournalEntry)
const pause = { type: 'capture.paused', trigger: 'agent', limitMs: 60_000 } as const
const resume = { type: 'capture.resumed', because: 'limit' } as const
const end = { type: 'call.ended', end: { cause: 'caller-hung-up' } } as const

t.test('[CS16] pauses of the card shutter, the last one open until the end', async t => {
  const entries = journal([1_000, pause], [4_000, resume], [9_000, pause], [10_000, end])
  t.same(capturePauses(entries), [
    { fromMs: 1_000, toMs: 4_000, trigger: 'agent', because: 'limit' },
    { fromMs: 9_000, toMs: 10_000, trigger: 'agent' },
  ])
})

t.test('[CS5] where a part was to be recorded: trigger and shutter together, all along without a word', async t => {
  t.same(recordedSpans(journal([5_000, end]), 'voice', 5_000), [{ fromMs: 0, toMs: 5_000 }])
  const entries = journal(
    [0, { type: 'recording.stopped', parts: ['voice', 'picture'], because: 'policy' }],
    [1_000, pause],
    [2_000, { type: 'recording.started', parts: ['voice'], because: 'agent' }],
    [3_000, resume],
    [7_000, { type: 'recording.stopped', parts: ['voice'], because: 'agent' }],
    [9_000, end],
  )
  t.same(recordedSpans(entries, 'voice', 9_000), [{ fromMs: 3_000, toMs: 7_000 }])
  t.same(recordedSpans(entries, 'picture', 9_000), [])
})
