import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { EVENT_GROUPS, eventGroup } from './event-groups.ts'
import { DURATION_MS, simulatedEntries, simulatedManifest } from './harness/simulated-record.ts'
import { timelineSpans, troublesAt } from './timeline-spans.ts'

const spans = timelineSpans(simulatedEntries(), simulatedManifest().tracks, DURATION_MS)

t.test('[RC4] what was seen and what was missing lies on the timeline, each on its lane, open ends closed', async t => {
  const lane = (name: string) =>
    spans.filter(span => span.lane === name).map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs])
  t.same(lane('picture'), [
    ['camera-live', 6_000, 20_000],
    ['camera-paused', 20_000, 24_000],
  ])
  t.same(lane('stage'), [['page', 12_001, 18_000]])
  t.same(lane('voice'), [
    ['voice-lost', 8_000, 9_000],
    ['caller-voice-gap', 8_000, 9_000],
    ['held-agent', 18_600, 19_600],
  ])
})

t.test(
  '[RC4] over the picture stands what is missing at that moment, in words; what is merely seen does not',
  async t => {
    t.same(troublesAt(spans, 7_000), [])
    t.same(troublesAt(spans, 8_000), ['voice-lost', 'caller-voice-gap'])
    t.same(troublesAt(spans, 9_000), [], 'the end is not part of it')
    t.same(troublesAt(spans, 19_000), ['held-agent'])
    t.same(troublesAt(spans, 23_000), ['camera-paused'])
  },
)

t.test('[RC5] every event belongs to a group, a type of tomorrow too', async t => {
  for (const entry of simulatedEntries()) t.ok(EVENT_GROUPS.includes(eventGroup(entry)), entry.type)
  t.equal(eventGroup({ type: 'nobody.knows' } as unknown as JournalEntry), 'record')
})

t.test(
  '[RC4] behind the card shutter nothing was captured, and it is said so; what was not to be recorded too',
  async t => {
    const at = (seq: number, atMs: number, event: object) => ({ ...event, seq, atMs, prev: '' }) as JournalEntry
    const entries = [
      at(0, 0, { type: 'recording.stopped', parts: ['picture'], cause: 'policy' }),
      at(1, 4_000, { type: 'recording.started', parts: ['picture'], cause: 'agent' }),
      at(2, 10_000, { type: 'capture.paused', trigger: 'agent', maxMs: 60_000 }),
      at(3, 15_000, { type: 'capture.resumed', because: 'agent' }),
    ]
    const found = timelineSpans(entries, [], 20_000).filter(span => span.lane === 'recorder')
    t.same(
      found.map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs]),
      [
        ['picture-unrecorded', 0, 4_000],
        ['card-shutter', 10_000, 15_000],
      ],
    )
    t.same(troublesAt(found, 12_000), ['card-shutter'])
    const [voice] = simulatedManifest().tracks
    if (!voice) throw new Error('no track')
    const gaps: [number, number][] = [
      [9_700, 15_600],
      [16_400, 17_000],
    ]
    const withGaps = timelineSpans(entries, [{ ...voice, track: 'caller-voice', gaps }], 20_000)
    t.same(troublesAt(withGaps, 12_000), ['card-shutter'], 'what the shutter explains is no gap besides')
    t.same(troublesAt(withGaps, 16_500), ['caller-voice-gap'], 'another one is')
  },
)
