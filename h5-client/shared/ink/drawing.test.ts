import t from 'tap'
import { EMPTY_INK, foldInk, type Ink, type InkEntry } from '../../../signaling/protocol/ink.ts'
import type { Mark } from '../../../signaling/protocol/mark.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import { Drawing, type Ground } from './drawing.ts'
import { withLocals } from './local-ink.ts'

const CALL = newId('call')
const PAGE = newId('page')
const ME = newId('part')
const SIZE = { width: 1000, height: 500 }
const GROUND: Ground = { callId: CALL, on: PAGE, ink: EMPTY_INK, size: SIZE }

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
  drawing.author = { id: ME, erasesAll: true }
  const tick = () => {
    for (const run of [...timers]) {
      timers.delete(run)
      run()
    }
  }
  const settle = () => new Promise(resolve => setImmediate(resolve))
  return { drawing, sent, timers, waits, clock, refused, tick, settle, locals: () => drawing.state.get().locals.marks }
}

t.test('[AG10] the echo is there before anything is sent back, and grows with every point', async t => {
  const { drawing, sent, locals } = bench()
  drawing.begin(GROUND, [0.1, 0.1])
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
  drawing.begin(GROUND, [0.1, 0.1])
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
  drawing.begin(GROUND, [0.1, 0.1])
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
  drawing.begin(GROUND, [0.1, 0.1])
  for (let x = 0.2; x < 0.6; x += 0.1) drawing.move([x, 0.1])
  tick()
  t.equal(sent[1]?.data.points?.length, 1)
})

t.test('[AG11] a pointer that rests sends nothing, one outside is pulled to the edge', async t => {
  const { drawing, sent, tick } = bench()
  drawing.begin(GROUND, [0.5, 0.5])
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
  drawing.begin(GROUND, [0, 0])
  for (let i = 1; i <= 450; i++) drawing.move([i / 1000, 0])
  tick()
  t.same(
    sent.slice(1).map(one => one.data.points?.length),
    [200, 200, 50],
  )
})

t.test('[AG12] a refused mark goes away, is reported once, and sends no more', async t => {
  const { drawing, sent, tick, settle, refused, locals, timers } = bench()
  drawing.begin(GROUND, [0.1, 0.1])
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
  drawing.begin(GROUND, [0.1, 0.1])
  const mark = locals()[0]?.mark as Mark
  drawing.end()
  sent[0]?.reply()
  await settle()
  t.same(withLocals([mark], drawing.state.get().locals, PAGE), [mark], 'no mark is drawn twice meanwhile')
  tick()
  t.equal(locals().length, 0)
})

t.test('[AG13] an undone mark does not linger as an echo', async t => {
  const { drawing, locals } = bench()
  drawing.begin(GROUND, [0.1, 0.1])
  const id = locals()[0]?.mark.id
  if (!id) throw new Error('no echo')
  drawing.end()
  drawing.entries([{ seq: 1, atMs: 1, prev: '', type: 'ink.undone', by: ME, on: PAGE, action: 0 }])
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
  const locals = { marks: [{ on: PAGE, mark: longer, finished: false }], hidings: [] }
  t.same(withLocals([mark, other], locals, PAGE), [longer, other])
  t.same(withLocals([mark, other], locals, newId('page')), [mark, other])
})

t.test('[AG14] after the call nothing of the pen remains, no timer either', async t => {
  const { drawing, timers, locals, sent, settle } = bench()
  drawing.begin(GROUND, [0.1, 0.1])
  drawing.end()
  sent[0]?.reply()
  await settle()
  drawing.begin(GROUND, [0.2, 0.1])
  drawing.move([0.5, 0.5])
  t.ok(timers.size > 0)
  drawing.forget()
  t.equal(timers.size, 0)
  t.equal(locals().length, 0)
})

t.test('[AG15] a text is one mark; blanks are none', async t => {
  const { drawing, sent } = bench()
  drawing.place(GROUND, [0.5, 0.5], '   ')
  t.equal(sent.length, 0)
  drawing.place(GROUND, [0.5, 0.5], ' 序列号 ')
  t.match(sent[0]?.data.mark, { shape: 'text', text: '序列号', points: [[0.5, 0.5]] })
})

/** Ink as the journal would have it. */
function inkOf(...marks: object[]): Ink {
  return marks
    .map((mark, seq) => ({ seq, atMs: 0, prev: '', type: 'mark.begun', by: ME, on: PAGE, mark }) as InkEntry)
    .reduce(foldInk, EMPTY_INK)
}
const line = (y: number, more: object = {}): Mark =>
  ({
    id: newId('mark'),
    shape: 'line',
    colour: 'red',
    points: [
      [0.1, y],
      [0.9, y],
    ],
    ...more,
  }) as Mark
const shown = (drawing: Drawing, truth: readonly Mark[]) => withLocals(truth, drawing.state.get().locals, PAGE)

t.test('[INK30] numbered arrows predict their number, those on the way included; the server’s own wins', async t => {
  const { drawing, sent, locals } = bench()
  const ink = inkOf(line(0.1, { shape: 'arrow', number: 4 }))
  drawing.choose('number')
  for (const expected of [5, 6]) {
    drawing.begin({ ...GROUND, ink }, [0.2, 0.2])
    drawing.move([0.4, 0.4])
    drawing.end()
    t.match(locals()[expected - 5]?.mark, { shape: 'arrow', number: expected })
  }
  t.match(sent[0]?.data.mark, { shape: 'arrow', number: 5 })
  const told = { ...(locals()[0]?.mark as object), number: 7 } as Mark
  t.match(shown(drawing, [told])[0], { number: 7 })
})

t.test(
  '[INK31] a rough circle becomes a clean one on lifting the pen, in one message that replaces the stroke',
  async t => {
    const { drawing, sent } = bench()
    drawing.choose('shape')
    drawing.begin(GROUND, [0.6, 0.5])
    for (let step = 1; step <= 40; step++) {
      const angle = (step / 40) * Math.PI * 2
      const wobble = 1 + 0.05 * Math.sin(angle * 5)
      drawing.move([0.5 + 0.1 * Math.cos(angle) * wobble, 0.5 + 0.2 * Math.sin(angle) * wobble])
    }
    drawing.end()
    const [stroke, circle] = [sent[0], sent.at(-1)]
    t.match(stroke, { name: 'mark.begin', data: { mark: { shape: 'pen' } } })
    t.match(circle, { name: 'mark.begin', data: { mark: { shape: 'circle' }, replaces: stroke?.data.mark?.id } })
    const seen = shown(drawing, [stroke?.data.mark as Mark])
    t.same(
      seen.map(mark => mark.shape),
      ['circle'],
      'the stroke is gone at once',
    )
    const [from, to] = circle?.data.mark?.points ?? []
    t.ok(Math.abs((from?.[0] ?? 0) - 0.4) < 0.02 && Math.abs((to?.[1] ?? 0) - 0.7) < 0.04)
  },
)

t.test('[INK32] kept free it stays the stroke it was', async t => {
  const { drawing, sent } = bench()
  drawing.choose('shape')
  drawing.begin(GROUND, [0.1, 0.5])
  for (let step = 1; step <= 10; step++) drawing.move([0.1 + step * 0.05, 0.5])
  drawing.end({ free: true })
  t.equal(sent.filter(one => one.name === 'mark.begin').length, 1)
})

t.test('[INK33] the eraser hides what it touches at once and sends one message for the whole movement', async t => {
  const { drawing, sent, settle, tick } = bench()
  const [one, two, three] = [line(0.2), line(0.5), line(0.8)]
  const ink = inkOf(one, two, three)
  drawing.choose('eraser')
  drawing.begin({ ...GROUND, ink }, [0.5, 0.2])
  t.same(shown(drawing, [one, two, three]), [two, three])
  drawing.move([0.5, 0.35])
  drawing.move([0.5, 0.5])
  t.equal(sent.length, 0)
  drawing.end()
  t.match(sent, [{ name: 'marks.erase', data: { on: PAGE, markIds: [one.id, two.id] } }])
  sent[0]?.reply()
  await settle()
  tick()
  t.same(shown(drawing, [three]), [three])
  t.same(drawing.state.get().locals.hidings, [])
})

t.test('[INK34] who may erase only their own touches nothing else; a refused erasure comes back', async t => {
  const { drawing, sent, settle, refused } = bench()
  const mine = line(0.5)
  const ink = inkOf(mine)
  drawing.author = { id: newId('part'), erasesAll: false }
  drawing.choose('eraser')
  drawing.begin({ ...GROUND, ink }, [0.5, 0.5])
  drawing.end()
  t.equal(sent.length, 0)
  drawing.author = { id: ME, erasesAll: false }
  drawing.begin({ ...GROUND, ink }, [0.5, 0.5])
  drawing.end()
  t.same(shown(drawing, [mine]), [])
  sent[0]?.reply(new Error('no'))
  await settle()
  t.equal(refused.length, 1)
  t.same(shown(drawing, [mine]), [mine])
})

t.test('[INK35] an own text is found under the pointer and rewritten in its place', async t => {
  const { drawing, sent } = bench()
  const text: Mark = { id: newId('mark'), shape: 'text', colour: 'red', points: [[0.5, 0.5]], text: 'old words' }
  const ground = { ...GROUND, ink: inkOf(text) }
  t.equal(drawing.textAt(ground, [0.52, 0.48])?.id, text.id)
  t.equal(drawing.textAt(ground, [0.2, 0.48]), undefined)
  drawing.place(ground, [0.5, 0.5], 'new words', text.id)
  t.match(sent[0], { name: 'mark.begin', data: { mark: { text: 'new words' }, replaces: text.id } })
  t.match(
    shown(drawing, [text]).map(mark => mark.shape === 'text' && mark.text),
    ['new words'],
  )
})

t.test('[INK36] a stamp is one message, without a movement', async t => {
  const { drawing, sent } = bench()
  drawing.choose({ stamp: 'press' })
  drawing.begin(GROUND, [0.3, 0.3])
  drawing.move([0.9, 0.9])
  drawing.end()
  t.equal(sent.length, 1)
  t.match(sent[0]?.data.mark, { shape: 'stamp', stamp: 'press', points: [[0.3, 0.3]] })
})

t.test('[INK37] somebody else’s undo leaves the echo of this hand alone', async t => {
  const { drawing, locals } = bench()
  drawing.begin(GROUND, [0.1, 0.1])
  drawing.end()
  drawing.entries([{ seq: 1, atMs: 1, prev: '', type: 'ink.undone', by: newId('part'), on: PAGE, action: 0 }])
  t.equal(locals().length, 1)
})
