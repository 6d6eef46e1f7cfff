import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { simulatedEntries } from './harness/simulated-record.ts'
import { FIRST_MOMENT, foldMoment, ReplayIndex } from './replay-index.ts'
import { spansOf } from './spans.ts'

/** A long call: a page on which a pen draws without a rest, 40 points batches a second. */
function longCall(strokes: number): JournalEntry[] {
  const [by, on] = [newId('part'), newId('page')]
  const entries: JournalEntry[] = []
  const add = (atMs: number, event: object) =>
    entries.push({ ...event, seq: entries.length, atMs, prev: '' } as JournalEntry)
  add(0, {
    type: 'page.added',
    page: {
      kind: 'camera',
      id: on,
      by,
      picture: {
        widthPx: 4,
        heightPx: 3,
        file: 'f',
        sha256: '0',
        type: 'image/webp',
        source: 'server-key-frame',
        rtpTimestamp: 1,
      },
    },
  })
  add(0, { type: 'stage.page', by, pageId: on })
  for (let stroke = 0; stroke < strokes; stroke++) {
    const id = newId('mark')
    add(stroke * 1000, { type: 'mark.begun', by, on, mark: { id, shape: 'pen', colour: 'red', points: [[0, 0]] } })
    for (let i = 1; i <= 30; i++) {
      add(stroke * 1000 + i * 25, { type: 'mark.extended', by, on, markId: id, points: [[i / 30, 0.5]] })
    }
    if (stroke % 7 === 6) add(stroke * 1000 + 900, { type: 'mark.undone', by, on, markId: id })
  }
  return entries
}
const plainly = (entries: readonly JournalEntry[], atMs: number) =>
  entries.filter(entry => entry.atMs <= atMs).reduce(foldMoment, FIRST_MOMENT)

t.test('[RV1] any moment, in any order of asking, is what folding from the beginning gives', async t => {
  const entries = longCall(60)
  const index = new ReplayIndex(entries)
  const order = [59_000, 0, 30_012, 30_013, 12, 59_999, 31_000, 31_020, 999_999, 6_905, 6_895, -5]
  for (const atMs of order) t.same(index.at(atMs), plainly(entries, atMs), `${atMs} ms`)
})

t.test('[RV2] a seek folds at most 64 entries from the nearest checkpoint, however long the call', async t => {
  const folded = new Set<number>()
  // Whoever folds an entry asks for its type.
  const watched = longCall(1_000).map(
    entry =>
      new Proxy(entry, {
        get(target, key) {
          if (key === 'type') folded.add(target.seq)
          return Reflect.get(target, key)
        },
      }),
  )
  const index = new ReplayIndex(watched)
  t.ok(index.entries.length > 30_000)
  let most = 0
  for (let i = 0; i < 200; i++) {
    folded.clear()
    index.at((i * 7_919) % 1_000_000)
    most = Math.max(most, folded.size)
  }
  t.ok(most > 0 && most <= 64, `${most} entries at most`)
})

t.test('[RV3] the same stretch gives the same object, so that nothing is drawn twice', async t => {
  const index = new ReplayIndex(simulatedEntries())
  t.equal(index.at(13_100), index.at(13_900))
  t.not(index.at(13_100), index.at(14_000))
})

t.test('[RV4] entries are taken in the order of their numbers, whatever order they come in', async t => {
  const entries = simulatedEntries()
  t.same(new ReplayIndex([...entries].reverse()).at(16_000), new ReplayIndex(entries).at(16_000))
})

t.test('[RV5] page, marks, camera, voice and text are those of the moment', async t => {
  const index = new ReplayIndex(simulatedEntries())
  t.match(index.at(1_000), { camera: 'none', stage: { showing: 'live' } })
  t.equal(index.at(7_000).camera, 'live')
  t.equal(index.at(8_500).voiceLost, true)
  t.equal(index.at(9_500).voiceLost, false)
  const early = shownPage(index.at(12_500).stage)
  t.equal(early?.marks.length, 0)
  t.equal(shownPage(index.at(15_100).stage)?.marks.length, 3)
  t.equal(index.at(15_100).texts.size, 0)
  t.match(index.at(15_500).texts.get(early?.page.id as never), { confidence: 91 })
  t.equal(shownPage(index.at(18_000).stage), undefined)
  t.equal(index.at(21_000).camera, 'paused')
})

t.test('[RV6] why the camera did not come is said until it comes', async t => {
  const by = newId('part')
  const entry = (seq: number, event: object) => ({ ...event, by, seq, atMs: seq * 1000, prev: '' }) as JournalEntry
  const index = new ReplayIndex([
    entry(1, { type: 'camera.started' }),
    entry(2, { type: 'camera.failed', trouble: 'denied' }),
    entry(3, { type: 'camera.live' }),
  ])
  t.match(index.at(2_500), { camera: 'none', trouble: 'denied' })
  t.match(index.at(3_500), { camera: 'live', trouble: undefined })
})

t.test(
  '[RV7] the timeline shows where there was a picture and where a page; what is open at the end ends there',
  async t => {
    const entries = simulatedEntries()
    t.same(spansOf(entries, 24_000), {
      camera: [{ fromMs: 6_000, toMs: 20_000 }],
      pages: [{ fromMs: 12_001, toMs: 18_000 }],
    })
    const cut = entries.filter(entry => entry.atMs < 15_000)
    t.same(spansOf(cut, 16_000), {
      camera: [{ fromMs: 6_000, toMs: 16_000 }],
      pages: [{ fromMs: 12_001, toMs: 16_000 }],
    })
  },
)
