import t from 'tap'
import { JournalEntry, type JournalEvent } from './journal-entry.ts'
import { newId } from './new-id.ts'
import { EMPTY_STAGE, foldStage, shownPage } from './stage.ts'

const by = newId('part')
const cameraPage = (id = newId('page')) => ({
  kind: 'camera' as const,
  id,
  by,
  picture: {
    widthPx: 1280,
    heightPx: 720,
    file: `pictures/${id}.webp`,
    sha256: '0',
    type: 'image/webp' as const,
    source: 'server-key-frame' as const,
    rtpTimestamp: 1,
  },
})
let seq = 0
const entry = (event: JournalEvent) => JournalEntry.parse({ seq: seq++, atMs: seq * 10, prev: '', ...event })

t.test('[ST1] the stage at a moment is the fold of all entries up to it', async t => {
  const page = cameraPage()
  const mark = {
    id: newId('mark'),
    shape: 'pen' as const,
    colour: 'red' as const,
    points: [[0.1, 0.1] as [number, number]],
  }
  const entries = [
    entry({ type: 'page.added', page }),
    entry({ type: 'stage.page', by, pageId: page.id }),
    entry({ type: 'mark.begun', by, on: page.id, mark }),
    entry({ type: 'mark.extended', by, on: page.id, markId: mark.id, points: [[0.2, 0.2]] }),
    entry({ type: 'marks.erased', by, on: page.id, markIds: [mark.id], all: true }),
    entry({ type: 'stage.live', by }),
  ]
  const at = (count: number) => entries.slice(0, count).reduce(foldStage, EMPTY_STAGE)
  t.equal(shownPage(at(1)), undefined)
  t.equal(shownPage(at(2))?.page.id, page.id)
  t.same(shownPage(at(4))?.marks[0]?.points, [
    [0.1, 0.1],
    [0.2, 0.2],
  ])
  t.same(shownPage(at(5))?.marks, [])
  t.equal(at(6).showing, 'live')
  t.equal(at(6).pages.length, 1)
})

t.test('[ST2] marks stay on their own page', async t => {
  const [one, two] = [cameraPage(), cameraPage()]
  const mark = {
    id: newId('mark'),
    shape: 'text' as const,
    colour: 'blue' as const,
    points: [[0, 0] as [number, number]],
    text: 'here',
  }
  const stage = [
    entry({ type: 'page.added', page: one }),
    entry({ type: 'page.added', page: two }),
    entry({ type: 'mark.begun', by, on: one.id, mark }),
    entry({ type: 'ink.undone', by, on: two.id, action: 2 }),
  ].reduce(foldStage, EMPTY_STAGE)
  t.same(
    stage.pages.map(page => page.marks.length),
    [1, 0],
  )
})

t.test('[ST3] entries that are not about the stage leave it the same object', async t => {
  t.equal(foldStage(EMPTY_STAGE, entry({ type: 'agent.away' })), EMPTY_STAGE)
})
