import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { simulatedEntries } from './harness/simulated-record.ts'
import { ReplayIndex } from './replay-index.ts'
import { agentSight, callerSight, callerView, sameSight } from './sights.ts'

const entries = simulatedEntries()
const both = (atMs: number) => {
  const moment = new ReplayIndex(entries).at(atMs)
  return { agent: agentSight(moment), caller: callerSight(moment) }
}

t.test('[RC2] the agent sees a page at once, the caller when the phone says so and has the picture', async t => {
  t.match(callerView(entries, 1_000), { kind: 'nothing', why: 'not-joined' })
  t.match(callerView(entries, 5_050), { kind: 'nothing', why: 'untold' })
  t.match(callerView(entries, 7_000), { kind: 'live' })
  t.match(both(12_100), { agent: { kind: 'page', shown: true }, caller: { kind: 'live' } })
  t.match(both(12_500), { caller: { kind: 'page', shown: false } })
  t.match(both(13_000), { caller: { kind: 'page', shown: true } })
  t.match(both(16_500), { agent: { kind: 'page' }, caller: { kind: 'nothing', why: 'away' } })
  t.match(both(18_100), { agent: { kind: 'live' }, caller: { kind: 'page', shown: true } })
  t.match(both(18_300), { agent: { kind: 'live' }, caller: { kind: 'live' } })
})

t.test(
  '[RC2] a phone that has not been shown a page yet has its own camera before it, unless it is in the background',
  async t => {
    const by = newId('part')
    const list = [
      { type: 'participant.joined', participant: { id: by, role: 'caller', displayName: '' } },
      { type: 'camera.started', by },
      { type: 'camera.noticed', by, notice: 'page-hidden' },
      { type: 'camera.noticed', by, notice: 'page-visible' },
    ].map((event, seq) => ({ ...event, seq, atMs: seq * 1000, prev: '' }) as unknown as JournalEntry)
    const kinds = [500, 1_500, 2_500, 3_500].map(atMs => callerView(list, atMs))
    t.match(kinds, [{ why: 'untold' }, { kind: 'live' }, { why: 'away' }, { kind: 'live' }])
  },
)

t.test('[RC2] whether both see the same is said of every moment', async t => {
  const same = (atMs: number) => sameSight(both(atMs).agent, both(atMs).caller)
  t.same([1_000, 7_000, 12_100, 12_500, 13_000, 16_500, 18_100, 18_300].map(same), [
    false,
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ])
})

t.test(
  '[RC2] a slow scan is stills for the agent, and still the own live picture for the caller; who left sees nothing',
  async t => {
    const [caller, picture] = [newId('part'), { file: 'pictures/1.webp', source: 'slow-scan' }]
    const list = [
      { type: 'participant.joined', participant: { id: caller, role: 'caller', displayName: '' } },
      { type: 'caller.looked', by: caller, at: 'live' },
      { type: 'picture.rung', by: caller, rung: 'slow-scan', because: 'measured', network: {} },
      { type: 'scan.frame', by: caller, picture },
      { type: 'participant.left', participantId: caller, reason: 'closed' },
    ].map((event, seq) => ({ ...event, seq, atMs: seq * 1000, prev: '' }) as unknown as JournalEntry)
    const index = new ReplayIndex(list)
    t.match(agentSight(index.at(2_500)), { kind: 'live' })
    t.match(agentSight(index.at(3_500)), { kind: 'scan', picture })
    t.match(callerSight(index.at(3_500)), { kind: 'live' })
    t.ok(sameSight(agentSight(index.at(3_500)), callerSight(index.at(3_500))))
    t.match(callerView(list, 4_500), { kind: 'nothing', why: 'left' })
  },
)

t.test('[RC3] a line grows as it was drawn: point by point, each batch at its own time', async t => {
  const [by, page, id] = [newId('part'), newId('page'), newId('mark')]
  const at = (seq: number, atMs: number, event: object) => ({ ...event, by, seq, atMs, prev: '' }) as JournalEntry
  const picture = { file: 'f', widthPx: 4, heightPx: 3, sha256: '', type: 'image/webp', source: 'server-key-frame' }
  const index = new ReplayIndex([
    at(0, 0, { type: 'page.added', page: { kind: 'camera', id: page, by, picture } }),
    at(1, 1, { type: 'stage.page', pageId: page }),
    at(2, 1_000, { type: 'mark.begun', on: page, mark: { id, shape: 'pen', colour: 'red', points: [[0, 0]] } }),
    at(3, 1_025, {
      type: 'mark.extended',
      on: page,
      markId: id,
      points: [
        [0.1, 0.1],
        [0.2, 0.1],
      ],
    }),
    at(4, 1_050, { type: 'mark.extended', on: page, markId: id, points: [[0.3, 0.2]] }),
  ])
  const points = (atMs: number) => {
    const sight = agentSight(index.at(atMs))
    return sight.kind === 'page' ? (sight.page.marks[0]?.points.length ?? 0) : -1
  }
  t.same([999, 1_000, 1_024, 1_025, 1_049, 1_050].map(points), [0, 1, 1, 3, 3, 4])
  t.equal(points(1_030), 3, 'backwards as well')
})
