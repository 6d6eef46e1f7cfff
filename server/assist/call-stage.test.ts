import t from 'tap'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { MarkId, PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { type Anchor, Mark } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { EMPTY_STAGE, foldStage } from '../../signaling/protocol/stage.ts'
import { CallLog } from '../calls/call-log.ts'
import { CallStage, type Drawer } from './call-stage.ts'

const agent: Drawer = { by: newId('part'), role: 'agent' }
const caller: Drawer = { by: newId('part'), role: 'caller' }
const guest: Drawer = { by: newId('part'), role: 'guest' }
const anchor: Anchor = { rtpTimestamp: 1, widthPx: 640, heightPx: 480, epoch: 0 }

async function stageOfACall(t: { testdir(): string; teardown(end: () => Promise<void>): void }) {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const archive = await CallArchive.open({
    root: t.testdir(),
    callId: newId('call'),
    nowMs: () => performance.now(),
    logger,
    onDegraded() {},
  })
  t.teardown(async () => archive.discard())
  const told: JournalEntry[] = []
  const log: CallLog = new CallLog(archive, entry => {
    stage.fold(entry)
    told.push(entry)
  })
  const stage = new CallStage(log)
  const addPage = (show = true): PageId => {
    const id = newId('page')
    const picture = {
      widthPx: 4,
      heightPx: 3,
      file: 'f',
      sha256: '0',
      type: 'image/webp',
      source: 'slow-scan',
    } as const
    log.write({ type: 'page.added', page: { kind: 'camera', id, by: agent.by, picture } })
    if (show) stage.showPage(agent.by, id)
    return id
  }
  const marks = (on: PageId) => stage.page(on).marks
  return { stage, log, told, addPage, marks }
}
const pen = (more: object = {}) =>
  Mark.parse({ id: newId('mark'), shape: 'pen', colour: 'red', points: [[0.1, 0.1]], ...more })
const numbered = () => pen({ shape: 'arrow', number: 1 })
const refusal = (run: () => void): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

t.test('[INK10] only the agent draws beside the page that is shown; nobody else on live video', async t => {
  const { stage, addPage, marks } = await stageOfACall(t)
  const [old, shown] = [addPage(), addPage()]
  stage.begin(agent, old, pen())
  stage.begin(agent, 'live', pen(), { anchor })
  for (const other of [caller, guest]) {
    t.equal(
      refusal(() => stage.begin(other, old, pen())),
      'forbidden',
    )
    t.equal(
      refusal(() => stage.begin(other, 'live', pen(), { anchor })),
      'forbidden',
    )
    stage.begin(other, shown, pen())
  }
  t.equal(marks(shown).length, 2)
  const line = marks(shown)[0]?.id as MarkId
  stage.showLive(agent.by)
  t.equal(
    refusal(() => stage.extend(caller, shown, line, [[0.2, 0.2]])),
    'forbidden',
    'not even the rest of a line',
  )
})

t.test('[INK11] each party has its own colour, whatever its page asks for', async t => {
  const { stage, addPage, marks } = await stageOfACall(t)
  const on = addPage()
  stage.begin(caller, on, pen({ colour: 'red' }))
  stage.begin(guest, on, pen({ colour: 'red' }))
  stage.begin(agent, on, pen({ colour: 'blue' }))
  t.same(
    marks(on).map(mark => mark.colour),
    ['green', 'violet', 'blue'],
  )
  for (const colour of ['green', 'violet'])
    t.equal(
      refusal(() => stage.begin(agent, on, pen({ colour }))),
      'bad-request',
    )
})

t.test('[INK12] the server counts the arrows, whatever number a page believed in', async t => {
  const { stage, addPage, marks } = await stageOfACall(t)
  const on = addPage()
  stage.begin(agent, on, numbered())
  stage.begin(caller, on, numbered())
  stage.begin(agent, on, pen({ shape: 'arrow' }))
  stage.begin(agent, on, numbered())
  t.same(
    marks(on).map(mark => mark.shape === 'arrow' && mark.number),
    [1, 2, undefined, 3],
  )
})

t.test('[INK13] others erase, replace and extend only their own marks; the agent erases anybody’s', async t => {
  const { stage, addPage, marks, told } = await stageOfACall(t)
  const on = addPage()
  const [mine, theirs] = [pen(), pen()]
  stage.begin(agent, on, mine)
  stage.begin(caller, on, theirs)
  stage.erase(caller, on, [mine.id, theirs.id])
  t.same(
    marks(on).map(mark => mark.id),
    [mine.id],
  )
  stage.undo(caller, on)
  t.equal(
    refusal(() => stage.extend(caller, on, mine.id, [[0.5, 0.5]])),
    'forbidden',
  )
  t.equal(
    refusal(() => stage.begin(caller, on, pen(), { replaces: mine.id })),
    'forbidden',
  )
  t.equal(
    refusal(() => stage.begin(agent, on, pen(), { replaces: theirs.id })),
    'forbidden',
    'the agent does not speak in the caller’s name',
  )
  stage.clear(caller, on)
  t.same(
    marks(on).map(mark => mark.id),
    [mine.id],
  )
  stage.undo(caller, on)
  stage.erase(agent, on, [theirs.id])
  t.equal(marks(on).length, 1)
  stage.undo(agent, on)
  stage.clear(agent, on)
  t.equal(marks(on).length, 0)
  const before = told.length
  stage.clear(agent, on)
  stage.erase(agent, on, [mine.id])
  t.equal(told.length, before, 'nothing to erase is nothing to tell')
})

t.test('[INK14] undo and redo are each author’s own, and what is journalled folds to what was decided', async t => {
  const { stage, addPage, marks, told } = await stageOfACall(t)
  const on = addPage()
  const [mine, theirs] = [pen(), pen()]
  stage.begin(agent, on, mine)
  stage.begin(caller, on, theirs)
  stage.undo(agent, on)
  t.same(
    marks(on).map(mark => mark.id),
    [theirs.id],
  )
  stage.undo(agent, on)
  stage.redo(agent, on)
  stage.redo(agent, on)
  t.same(
    marks(on).map(mark => mark.id),
    [mine.id, theirs.id],
  )
  const snapped = pen({
    shape: 'circle',
    points: [
      [0.1, 0.1],
      [0.3, 0.3],
    ],
  })
  stage.begin(agent, on, snapped, { replaces: mine.id })
  t.same(
    marks(on).map(mark => mark.id),
    [theirs.id, snapped.id],
  )
  stage.undo(agent, on)
  t.same(
    marks(on).map(mark => mark.id),
    [mine.id, theirs.id],
  )
  t.same(told.reduce(foldStage, EMPTY_STAGE), stage.stage)
})

t.test('[INK15] a mark’s id is used once in a call, on whatever surface', async t => {
  const { stage, addPage } = await stageOfACall(t)
  const [one, two] = [addPage(), addPage()]
  const mark = pen()
  stage.begin(agent, one, mark)
  for (const on of [one, two])
    t.equal(
      refusal(() => stage.begin(agent, on, mark)),
      'conflict',
    )
  stage.undo(agent, one)
  t.equal(
    refusal(() => stage.begin(agent, two, mark)),
    'conflict',
  )
})

t.test('[INK16] a card has nothing to draw on, live video wants the frame, unknown pages are unknown', async t => {
  const { stage, log } = await stageOfACall(t)
  const id = newId('page')
  const rows = [{ label: 'SSID', value: 'x', copy: true }]
  const card = { kind: 'text' as const, about: 'wifi' as const, title: 'Wi-Fi', rows }
  log.write({ type: 'page.added', page: { kind: 'card', id, by: agent.by, card } })
  t.equal(
    refusal(() => stage.begin(agent, id, pen())),
    'bad-request',
  )
  t.equal(
    refusal(() => stage.begin(agent, 'live', pen())),
    'bad-request',
  )
  t.equal(
    refusal(() => stage.begin(agent, newId('page'), pen())),
    'not-found',
  )
})

t.test('[INK17] a page takes 300 visible marks and a mark 5000 points', async t => {
  const { stage, addPage, marks } = await stageOfACall(t)
  const on = addPage()
  const long = pen()
  stage.begin(agent, on, long)
  const points = Array.from({ length: 200 }, (_, index): [number, number] => [index / 200, 0.5])
  for (let sent = 1; sent + 200 <= 5000; sent += 200) stage.extend(agent, on, long.id, points)
  t.equal(
    refusal(() => stage.extend(agent, on, long.id, points)),
    'too-many',
  )
  while (marks(on).length < 300) stage.begin(agent, on, pen())
  t.equal(
    refusal(() => stage.begin(agent, on, pen())),
    'too-many',
  )
  stage.begin(agent, on, pen(), { replaces: long.id })
  stage.clear(agent, on)
  stage.begin(agent, on, pen())
  t.equal(marks(on).length, 1)
})

t.test('[INK18] after the end of the call nothing is drawn', async t => {
  const { stage, addPage, log } = await stageOfACall(t)
  const on = addPage()
  log.write({ type: 'call.ended', end: { cause: 'agent-hung-up' } })
  t.equal(
    refusal(() => stage.begin(agent, on, pen())),
    'gone',
  )
})
