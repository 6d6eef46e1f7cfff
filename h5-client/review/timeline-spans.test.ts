import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { REVIEW_REPLAY_EN } from '../shared/words/en/review-replay.ts'
import { REVIEW_REPLAY_ZH } from '../shared/words/zh-CN/review-replay.ts'
import { EVENT_GROUPS, eventGroup } from './event-groups.ts'
import { DURATION_MS, simulatedEntries, simulatedManifest } from './harness/simulated-record.ts'
import { timelineSpans, troublesAt, troublesOf } from './timeline-spans.ts'

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

t.test('[RC4] loss, crash, dead media worker, pause, hold and card shutter are each a kind of its own', async t => {
  const at = (seq: number, atMs: number, event: object) => ({ ...event, seq, atMs, prev: '' }) as JournalEntry
  const by = 'part_00000000000000000001'
  const entries = [
    at(0, 0, { type: 'camera.live', by }),
    at(1, 2_000, { type: 'voice.held', by: 'caller' }),
    at(2, 3_000, { type: 'voice.retrieved', by: 'caller' }),
    at(3, 4_000, { type: 'capture.paused', trigger: 'agent', maxMs: 60_000 }),
    at(4, 5_000, { type: 'capture.resumed', because: 'agent' }),
    at(5, 6_000, { type: 'camera.paused', by }),
    at(6, 7_000, { type: 'camera.resumed', by }),
    at(7, 8_000, { type: 'media.lost' }),
    at(8, 9_000, { type: 'media.back' }),
  ]
  const recorded = [
    { kind: 'hold', fromMs: 2_000, toMs: 3_000, by: 'caller' },
    { kind: 'pause', fromMs: 4_000, toMs: 5_000 },
    { kind: 'pause', track: 'caller-camera', fromMs: 6_000, toMs: 7_000, by },
    { kind: 'gap', track: 'agent-voice', fromMs: 8_100, toMs: 8_900 },
    { kind: 'loss', track: 'caller-voice', fromMs: 10_000, toMs: 11_000, packets: 50 },
    { kind: 'loss', track: 'caller-camera', fromMs: 12_000, toMs: 13_000, packets: 7 },
    { kind: 'crash', fromMs: 15_000, toMs: 30_000 },
  ] as const
  // The track says of the hold that nothing arrived; the recordings know why, and it is said once.
  const tracks = simulatedManifest().tracks.map(one => ({ ...one, gaps: [[2_100, 2_900] as [number, number]] }))
  const found = timelineSpans(entries, tracks, 20_000, recorded)
  t.same(
    troublesOf(found).map(({ lane, kind, fromMs, toMs }) => [lane, kind, fromMs, toMs]),
    [
      ['voice', 'held-caller', 2_000, 3_000],
      ['recorder', 'card-shutter', 4_000, 5_000],
      ['picture', 'camera-paused', 6_000, 7_000],
      ['recorder', 'media-lost', 8_000, 9_000],
      ['voice', 'agent-voice-gap', 8_100, 8_900],
      ['recorder', 'caller-voice-loss', 10_000, 11_000],
      ['recorder', 'picture-loss', 12_000, 13_000],
      ['recorder', 'server-crash', 15_000, 20_000],
    ],
  )
  for (const say of [REVIEW_REPLAY_ZH, REVIEW_REPLAY_EN]) {
    const kinds = [...new Set(troublesOf(found).map(({ kind }) => kind))]
    t.equal(new Set(kinds.map(kind => say.spans[kind])).size, kinds.length, 'no two are said alike')
  }
})
