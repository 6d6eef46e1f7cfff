import t from 'tap'
import type { Mark } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { Drawing } from './drawing.ts'
import { withLocals } from './local-marks.ts'

const CALL = newId('call')
const PAGE = newId('page')

/** A server and a clock moved by hand. */
function bench() {
  const sent: { name: string; data: { points?: unknown[]; mark?: Mark }; reply: (error?: Error) => void }[] = []
  const timers = new Set<() => void>()
  const waits: number[] = []
  const clock = { ms: 0 }
  const refused: unknown[] = []
  const drawing = new Drawing({
    request: (name, data) =>
      new Promise((resolve, reject) => {
        sent.push({ name, data: data as never, reply: error => (error ? reject(error) : resolve({} as never)) })
      }),
    onRefused: error => refused.push(error),
    setTimer: (run, delayMs) => {
      timers.add(run)
      waits.push(delayMs)
      return () => timers.delete(run)
    },
    nowMs: () => clock.ms,
  })
  const tick = () => {
    for (const run of [...timers]) {
      timers.delete(run)
      run()
    }
  }
  const settle = () => new Promise(resolve => setImmediate(resolve))
  return { drawing, sent, timers, waits, clock, refused, tick, settle, locals: () => drawing.state.get().locals }
}

t.test('[AG10] the echo is there before anything is sent back, and grows with every point', async t => {
  const { drawing, sent, locals } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  t.equal(sent.length, 1)
  t.equal(sent[0]?.name, 'mark.begin')
  drawing.move([0.2, 0.2])
  drawing.move([0.3, 0.3])
  t.same(locals()[0]?.mark.points, [
    [0.1, 0.1],
    [0.2, 0.2],
    [0.3, 0.3],
  ])
  t.equal(sent.length, 1, 'points wait for their batch')
})

t.test('[AG68] the first batch after a pause leaves at once, the next ones keep their distance', async t => {
  const { drawing, waits, clock, tick } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  drawing.move([0.2, 0.2])
  tick()
  clock.ms = 3
  drawing.move([0.3, 0.3])
  tick()
  clock.ms = 100
  drawing.move([0.4, 0.4])
  t.same(waits, [0, 5, 0])
})

t.test('[AG11] points travel in batches, rounded to four decimals, the rest on lifting the pen', async t => {
  const { drawing, sent, tick, timers } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  drawing.move([0.123456789, 0.2])
  drawing.move([0.3, 0.3])
  t.equal(timers.size, 1, 'one timer for one batch')
  tick()
  t.same(sent[1]?.data.points, [
    [0.1235, 0.2],
    [0.3, 0.3],
  ])
  drawing.move([0.4, 0.4])
  drawing.end()
  t.same(sent[2]?.data.points, [[0.4, 0.4]])
})

t.test('[AG11] an arrow sends only where its head is now', async t => {
  const { drawing, sent, tick } = bench()
  drawing.choose('arrow')
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  for (let x = 0.2; x < 0.6; x += 0.1) drawing.move([x, 0.1])
  tick()
  t.equal(sent[1]?.data.points?.length, 1)
})

t.test('[AG11] a pointer that rests sends nothing, one outside is pulled to the edge', async t => {
  const { drawing, sent, tick } = bench()
  drawing.begin(CALL, PAGE, [0.5, 0.5])
  drawing.move([0.5, 0.5])
  drawing.move([0.50001, 0.5])
  tick()
  t.equal(sent.length, 1)
  drawing.move([1.7, -3])
  tick()
  t.same(sent[1]?.data.points, [[1, 0]])
})

t.test('[AG11] a very fast pen is cut into messages of at most 200 points', async t => {
  const { drawing, sent, tick } = bench()
  drawing.begin(CALL, PAGE, [0, 0])
  for (let i = 1; i <= 450; i++) drawing.move([i / 1000, 0])
  tick()
  t.same(
    sent.slice(1).map(one => one.data.points?.length),
    [200, 200, 50],
  )
})

t.test('[AG12] a refused mark goes away, is reported once, and sends no more', async t => {
  const { drawing, sent, tick, settle, refused, locals, timers } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  drawing.move([0.2, 0.2])
  tick()
  drawing.move([0.3, 0.3])
  sent[0]?.reply(new Error('no such page'))
  sent[1]?.reply(new Error('no such mark'))
  await settle()
  t.equal(refused.length, 1)
  t.equal(locals().length, 0, 'the truth wins visibly')
  drawing.move([0.4, 0.4])
  drawing.end()
  t.equal(sent.length, 2)
  t.equal(timers.size, 0)
})

t.test('[AG13] when everything is confirmed only the truth is drawn', async t => {
  const { drawing, sent, settle, tick, locals } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  const mark = locals()[0]?.mark as Mark
  drawing.end()
  sent[0]?.reply()
  await settle()
  t.same(withLocals([mark], locals(), PAGE), [mark], 'no mark is drawn twice meanwhile')
  tick()
  t.equal(locals().length, 0)
})

t.test('[AG13] an undone mark does not linger as an echo', async t => {
  const { drawing, locals } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  const id = locals()[0]?.mark.id
  if (!id) throw new Error('no echo')
  drawing.end()
  drawing.entries([{ seq: 1, atMs: 1, prev: '', type: 'ink.undone', by: newId('part'), on: PAGE, action: 0 }])
  t.equal(locals().length, 0)
})

t.test('[AG13] the local version stands in the place of the true one, on its own page only', async t => {
  const other: Mark = { id: newId('mark'), shape: 'pen', colour: 'blue', points: [[0, 0]] }
  const mark: Mark = { id: newId('mark'), shape: 'pen', colour: 'red', points: [[0, 0]] }
  const longer: Mark = {
    ...mark,
    points: [
      [0, 0],
      [1, 1],
    ],
  }
  const locals = [{ on: PAGE, mark: longer, finished: false }]
  t.same(withLocals([mark, other], locals, PAGE), [longer, other])
  t.same(withLocals([mark, other], locals, newId('page')), [mark, other])
})

t.test('[AG14] after the call nothing of the pen remains, no timer either', async t => {
  const { drawing, timers, locals, sent, settle } = bench()
  drawing.begin(CALL, PAGE, [0.1, 0.1])
  drawing.end()
  sent[0]?.reply()
  await settle()
  drawing.begin(CALL, PAGE, [0.2, 0.1])
  drawing.move([0.5, 0.5])
  t.ok(timers.size > 0)
  drawing.forget()
  t.equal(timers.size, 0)
  t.equal(locals().length, 0)
})

t.test('[AG15] a text is one mark; blanks are none', async t => {
  const { drawing, sent } = bench()
  drawing.place(CALL, PAGE, [0.5, 0.5], '   ')
  t.equal(sent.length, 0)
  drawing.place(CALL, PAGE, [0.5, 0.5], ' 序列号 ')
  t.match(sent[0]?.data.mark, { shape: 'text', text: '序列号', points: [[0.5, 0.5]] })
})
