import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../test/harness/until.ts'
import type { BenchPages } from './bench-pages.ts'
import { firstAfter, noted, takeNotes } from './page-notes.ts'
import type { Noted } from './watch-page.ts'

type Entries = { readonly entries: readonly { readonly type: string }[] }
export function toldEntry(note: Noted, type: string): boolean {
  return note.what === 'told call.entries' && (note.more as Entries).entries.some(entry => entry.type === type)
}

/** Freezes once; stages in ms from the click. The stage is left frozen. */
export async function freezeOnce({ agent, phone }: BenchPages): Promise<Record<string, number | undefined>> {
  await Promise.all([takeNotes(agent.page), takeNotes(phone.page)])
  await agent.by('freeze').click()
  await noted(agent.page, 'picture painted')
  await noted(phone.page, 'stage drawn')
  const [desk, hand] = await Promise.all([takeNotes(agent.page), takeNotes(phone.page)])
  const clickMs = desk.find(note => note.what === 'click' && note.more === 'freeze')?.atMs
  if (clickMs === undefined) throw new Error('the click was not seen')
  const since = (atMs: number | undefined) => (atMs === undefined ? undefined : atMs - clickMs)
  return {
    'freeze asked': since(firstAfter(desk, 'asked stage.freeze', clickMs)),
    'snapshot told': since(desk.find(note => toldEntry(note, 'page.added'))?.atMs),
    'picture drawn (agent)': since(firstAfter(desk, 'picture drawn', clickMs)),
    'picture painted (agent)': since(firstAfter(desk, 'picture painted', clickMs)),
    'picture on the phone': since(firstAfter(hand, 'stage drawn', clickMs)),
  }
}

/** Back to the live picture; then a while of a length no timer in the server knows. */
export async function goLive({ agent, phone }: BenchPages): Promise<void> {
  await agent.by('live').click()
  await phone.by('stage').waitFor({ state: 'hidden' })
  await until('the live picture', () => agent.by('remote-video').isVisible())
  await sleep(600 + Math.random() * 1200)
}
