import t from 'tap'
import { seededRandom } from '../../test/harness/seeded-random.ts'
import type { MarkId, PageId, ParticipantId } from './ids.ts'
import { EMPTY_INK, foldInk, type Ink, type InkEntry, nextArrowNumber, redoable, undoable, visibleInk } from './ink.ts'
import { newId } from './new-id.ts'

const ON: PageId = newId('page')
const AUTHORS = [newId('part'), newId('part'), newId('part')] as const
/** The agent: the only one who erases what others drew. */
const AGENT = AUTHORS[0]

/** Keeps what the server's rules keep: everybody undoes only their own, and erases their own (the agent everything). */
class Author {
  readonly entries: InkEntry[] = []
  ink: Ink = EMPTY_INK
  readonly #random: () => number
  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  write(event: object): void {
    const entry = { seq: this.entries.length, atMs: this.entries.length, prev: '', on: ON, ...event } as InkEntry
    this.entries.push(entry)
    this.ink = foldInk(this.ink, entry)
  }
  begin(by: ParticipantId, o: { numbered?: boolean; replaces?: MarkId } = {}): MarkId {
    const id = newId('mark')
    const number = o.numbered ? { shape: 'arrow', number: nextArrowNumber(this.ink, by) } : { shape: 'pen' }
    const replaces = o.replaces ? { replaces: o.replaces } : {}
    this.write({ type: 'mark.begun', by, mark: { id, colour: 'red', points: [[0, 0]], ...number }, ...replaces })
    return id
  }
  erase(by: ParticipantId, markIds: readonly MarkId[]): void {
    this.write({ type: 'marks.erased', by, markIds, all: false })
  }
  undo(by: ParticipantId): boolean {
    const action = undoable(this.ink, by)
    if (action) this.write({ type: 'ink.undone', by, action: action.seq })
    return action !== undefined
  }
  redo(by: ParticipantId): boolean {
    const action = redoable(this.ink, by)
    if (action) this.write({ type: 'ink.redone', by, action: action.seq })
    return action !== undefined
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }
  /** Something that somebody might do now. */
  step(): void {
    const by = this.#pick(AUTHORS) ?? AGENT
    const mine = visibleInk(this.ink).filter(one => one.by === by)
    const erasable = by === AGENT ? visibleInk(this.ink) : mine
    const one = this.#pick(mine)?.mark.id
    switch (Math.floor(this.#random() * 8)) {
      case 0:
      case 1:
        this.begin(by)
        return
      case 2:
        this.begin(by, { numbered: true })
        return
      case 3:
        if (one) this.write({ type: 'mark.extended', by, markId: one, points: [[this.#random(), this.#random()]] })
        return
      case 4:
        if (one) this.begin(by, { replaces: one })
        return
      case 5: {
        const some = erasable.filter(() => this.#random() < 0.3).map(other => other.mark.id)
        if (some.length > 0) this.erase(by, some)
        return
      }
      case 6:
        this.undo(by)
        return
      default:
        this.redo(by)
    }
  }
}
const shown = (ink: Ink) => visibleInk(ink).map(one => one.mark)
const idsOf = (ink: Ink, by?: ParticipantId) =>
  visibleInk(ink)
    .filter(one => by === undefined || one.by === by)
    .map(one => one.mark.id)
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1)
const STEPS = 80

t.test(
  '[INK1] folding the beginning and then the rest is folding all: a late joiner sees what the others see',
  async t => {
    for (const seed of SEEDS) {
      const author = new Author(seed)
      for (let step = 0; step < STEPS; step++) author.step()
      const { entries } = author
      for (const cut of [0, 1, Math.floor(entries.length / 3), entries.length - 1]) {
        // Through JSON, as the late joiner gets it.
        const early = entries.slice(0, cut).reduce(foldInk, EMPTY_INK)
        const rest = JSON.parse(JSON.stringify(entries.slice(cut))) as InkEntry[]
        t.same(rest.reduce(foldInk, early), author.ink, `seed ${seed}, cut at ${cut}`)
      }
    }
  },
)

t.test('[INK2] redo after undo restores exactly, however many are taken back', async t => {
  for (const seed of SEEDS) {
    const author = new Author(seed)
    for (let step = 0; step < STEPS; step++) author.step()
    for (const by of AUTHORS) {
      while (author.redo(by));
      const before = shown(author.ink)
      let undone = 0
      while (undone < 7 && author.undo(by)) undone += 1
      for (let redone = 0; redone < undone; redone++) t.ok(author.redo(by))
      t.same(shown(author.ink), before, `seed ${seed}`)
    }
  }
})

t.test('[INK3] undo and redo of one author touch nobody else’s marks, except those the author had erased', async t => {
  for (const seed of SEEDS) {
    const author = new Author(seed)
    for (let step = 0; step < STEPS; step++) {
      author.step()
      for (const by of AUTHORS) {
        const ofOthers = AUTHORS.filter(other => other !== by)
        const before = ofOthers.map(other => idsOf(author.ink, other))
        const action = undoable(author.ink, by)
        author.undo(by)
        ofOthers.forEach((other, index) => {
          const came = idsOf(author.ink, other).filter(id => !before[index]?.includes(id))
          const went = (before[index] ?? []).filter(id => !idsOf(author.ink, other).includes(id))
          if (went.length > 0) t.fail(`seed ${seed}: undo hides nobody else’s mark`)
          if (!came.every(id => action?.taken.includes(id))) t.fail('only what this erasure took comes back')
        })
        author.redo(by)
      }
    }
  }
  t.pass('all seeds')
})

t.test('[INK4] after undoing everything of everybody nothing is seen', async t => {
  for (const seed of SEEDS) {
    const author = new Author(seed)
    for (let step = 0; step < STEPS; step++) author.step()
    const ownedByAll = () => AUTHORS.map(by => author.undo(by)).some(Boolean)
    while (ownedByAll());
    const forgotten = author.ink.marks.filter(one => one.hiddenBy.length === 0)
    t.same(forgotten, [], `seed ${seed}`)
  }
})

t.test('[INK5] no two arrows that are seen have the same number, whoever undoes and redoes what', async t => {
  for (const seed of SEEDS) {
    const author = new Author(seed)
    for (let step = 0; step < STEPS * 2; step++) {
      author.step()
      const numbers = shown(author.ink).flatMap(mark => (mark.shape === 'arrow' ? [mark.number] : []))
      if (new Set(numbers).size !== numbers.length) t.fail(`seed ${seed}, step ${step}: ${numbers}`)
    }
  }
  t.pass('all seeds')
})

t.test(
  '[INK6] numbers count up, begin again after a clearing, and close no gap that somebody could reopen',
  async t => {
    const author = new Author(1)
    const [agent, caller] = AUTHORS
    for (const expected of [1, 2, 3]) {
      t.equal(nextArrowNumber(author.ink, agent), expected)
      author.begin(agent, { numbered: true })
    }
    author.undo(agent)
    t.equal(nextArrowNumber(author.ink, agent), 3, 'the author’s own third is forgotten by drawing')
    t.equal(nextArrowNumber(author.ink, caller), 4, 'but could come back while another one draws')
    author.erase(agent, idsOf(author.ink))
    t.equal(nextArrowNumber(author.ink, agent), 1)
  },
)

t.test('[INK7] what replaces a mark is one action: undo brings the old one back, redo the new one', async t => {
  const author = new Author(1)
  const stroke = author.begin(AGENT)
  const circle = author.begin(AGENT, { replaces: stroke })
  t.same(idsOf(author.ink), [circle])
  author.undo(AGENT)
  t.same(idsOf(author.ink), [stroke])
  author.undo(AGENT)
  t.same(idsOf(author.ink), [])
  author.redo(AGENT)
  author.redo(AGENT)
  t.same(idsOf(author.ink), [circle])
})

t.test('[INK8] drawing after an undo forgets the author’s redo, and no other’s', async t => {
  const author = new Author(1)
  const [agent, caller] = AUTHORS
  author.begin(agent)
  author.begin(caller)
  author.undo(agent)
  author.undo(caller)
  author.begin(agent)
  t.equal(redoable(author.ink, agent), undefined)
  t.ok(author.redo(caller))
  t.equal(idsOf(author.ink, caller).length, 1)
})

t.test('[INK9] undo or redo of what is unknown, forgotten or already so changes nothing', async t => {
  const author = new Author(1)
  author.begin(AGENT)
  const { ink } = author
  author.write({ type: 'ink.undone', by: AGENT, action: 99 })
  author.write({ type: 'ink.redone', by: AGENT, action: 0 })
  t.equal(author.ink, ink)
})
