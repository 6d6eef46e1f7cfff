import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchPages } from './bench-pages.ts'
import { firstAfter, takeNotes } from './page-notes.ts'
import type { Noted } from './watch-page.ts'

/** A pen at 60 places a second. */
const MOVE_EVERY_MS = 16
const MOVES = 40

type MarkNews = {
  readonly type: string
  readonly markId?: string
  readonly mark?: { readonly id: string }
  readonly points?: readonly unknown[]
}
export type DrawnPoint = {
  readonly first: boolean
  /** From the pointer's event at the agent. */
  readonly askedMs: number
  readonly toldMs: number
  readonly drawnMs: number
}

/** One stroke over the frozen picture. Empty when points and pointer events cannot be matched one to one. */
export async function strokeOnce({ agent, phone }: BenchPages, lane: number): Promise<DrawnPoint[]> {
  await Promise.all([takeNotes(agent.page), takeNotes(phone.page)])
  const box = await agent.by('stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  const { mouse } = agent.page
  const y = box.y + box.height * (0.2 + 0.6 * lane)
  const x = (step: number) => box.x + box.width * (0.1 + (0.8 * step) / MOVES)
  await mouse.move(x(0), y)
  await mouse.down()
  await sleep(200)
  const startMs = performance.now()
  for (let step = 1; step <= MOVES; step += 1) {
    await mouse.move(x(step), y)
    await sleep(Math.max(0, startMs + step * MOVE_EVERY_MS - performance.now()))
  }
  await mouse.up()
  await sleep(300)
  const [desk, hand] = await Promise.all([takeNotes(agent.page), takeNotes(phone.page)])
  return pointsOf(desk, hand)
}

function pointsOf(desk: readonly Noted[], hand: readonly Noted[]): DrawnPoint[] {
  const begin = desk.find(note => note.what === 'asked mark.begin')
  const down = desk.find(note => note.what === 'pointerdown' && note.more === 'stage-canvas')
  if (!begin || !down) return []
  const markId = (begin.more as { mark: { id: string } }).mark.id
  const events = [down.atMs, ...desk.filter(note => note.what === 'pointermove').map(note => note.atMs)]
  const asked = [begin.atMs, ...desk.filter(note => note.what === 'asked mark.extend').flatMap(repeated)]
  const told = hand.flatMap(note => {
    if (note.what !== 'told call.entries') return []
    const news = (note.more as { entries: readonly MarkNews[] }).entries
    const points = news.flatMap(entry =>
      entry.type === 'mark.begun' && entry.mark?.id === markId
        ? [1]
        : entry.type === 'mark.extended' && entry.markId === markId
          ? (entry.points ?? [])
          : [],
    )
    return points.map(() => note.atMs)
  })
  if (events.length !== asked.length || asked.length !== told.length) return []
  return events.flatMap((eventMs, index) => {
    const toldAtMs = told[index] ?? 0
    const drawnAtMs = firstAfter(hand, 'stage drawn', toldAtMs)
    if (drawnAtMs === undefined) return []
    return {
      first: index === 0,
      askedMs: (asked[index] ?? 0) - eventMs,
      toldMs: toldAtMs - eventMs,
      drawnMs: drawnAtMs - eventMs,
    }
  })
}

/** One moment for every point the request carried. */
function repeated(note: Noted): number[] {
  return (note.more as { points: readonly unknown[] }).points.map(() => note.atMs)
}
