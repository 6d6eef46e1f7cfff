import type { Page } from 'playwright-core'
import { until } from '../../../test/harness/until.ts'
import type { Noted } from './watch-page.ts'

/** What a watched page noted since the last call; asks the page only once. */
export async function takeNotes(page: Page): Promise<Noted[]> {
  return page.evaluate(() => window.noted.splice(0))
}

/** Waits until a watched page has noted something, without taking it; asks seldom, so as not to disturb. */
export async function noted(page: Page, what: string): Promise<void> {
  await until(what, () => page.evaluate(name => window.noted.some(note => note.what === name), what), {
    timeoutMs: 15_000,
    everyMs: 100,
  })
}

/** The first note of that name at or after a moment. */
export function firstAfter(notes: readonly Noted[], what: string, sinceMs = 0): number | undefined {
  return notes.find(note => note.what === what && note.atMs >= sinceMs)?.atMs
}
export function lastBefore(notes: readonly Noted[], what: string, untilMs: number): number | undefined {
  return notes.findLast(note => note.what === what && note.atMs <= untilMs)?.atMs
}

/** How far the page's clock (its start plus monotonic time) is from the machine's wall clock, in ms. */
export async function clockError(page: Page): Promise<number> {
  const before = Date.now()
  const there = await page.evaluate(() => performance.timeOrigin + performance.now())
  const after = Date.now()
  return there - (before + after) / 2
}
