import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { pointersAt } from './pointers-at.ts'
import { ReplayIndex } from './replay-index.ts'

const PAGE = newId('page')
const [AGENT, GUEST] = [newId('part'), newId('part')]
const pointed = (seq: number, atMs: number, by: string, on: string, points: [number, number, number][]) =>
  ({ seq, atMs, prev: '', type: 'pointer.moved', by, on, points }) as JournalEntry

t.test('[INK70] the replay shows where each person pointed on this page in the last second and a half', async t => {
  const index = new ReplayIndex([
    pointed(0, 1_000, AGENT, PAGE, [[0.1, 0.1, 0]]),
    pointed(1, 5_000, AGENT, PAGE, [
      [0.2, 0.2, 0],
      [0.3, 0.3, 100],
    ]),
    pointed(2, 5_100, GUEST, PAGE, [[0.9, 0.9, 0]]),
    pointed(3, 5_200, AGENT, 'live', [[0.5, 0.5, 0]]),
  ])
  const at = (atMs: number) => pointersAt(index.between(atMs - 1_500, atMs), PAGE)
  t.same(at(900), [])
  t.same(at(1_000), [[{ x: 0.1, y: 0.1, atMs: 1_000 }]])
  t.same(at(5_300), [
    [
      { x: 0.2, y: 0.2, atMs: 4_900 },
      { x: 0.3, y: 0.3, atMs: 5_000 },
    ],
    [{ x: 0.9, y: 0.9, atMs: 5_100 }],
  ])
  t.same(at(9_000), [])
})
