import { setTimeout as sleep } from 'node:timers/promises'
import { readEntries } from '../../../test/harness/archive-reader.ts'
import { until } from '../../../test/harness/until.ts'
import type { BenchPages } from './bench-pages.ts'
import { firstAfter, noted, takeNotes } from './page-notes.ts'
import type { Noted } from './watch-page.ts'

/** How long a person reads at least; meanwhile the page loads what it needs after the tap. */
const READING_MS = 1000

/** One way from link to picture: moments on the wall clock. */
export type JoinRound = {
  readonly linkMs: number
  readonly tapMs: number
  readonly phone: Noted[]
  readonly agent: Noted[]
}

/** A new code, opened on a phone that was never here, tapped; resolves when the agent sees the first frame. */
export async function joinOnce(pages: BenchPages): Promise<JoinRound> {
  const { agent, phone } = pages
  await pages.forgetPhone()
  const { link } = await agent.sendCode()
  await takeNotes(agent.page)
  await phone.page.goto(link, { waitUntil: 'commit' })
  await phone.by('start-camera').waitFor()
  for (const consent of ['consent-camera', 'consent-recording']) await phone.by(consent).check()
  await sleep(READING_MS)
  await phone.by('start-camera').tap()
  await noted(agent.page, 'first frame painted')
  const linkMs = await phone.page.evaluate(() => performance.timeOrigin)
  const notes = await takeNotes(phone.page)
  const tapMs = notes.findLast(note => note.what === 'click' && note.more === 'start-camera')?.atMs
  if (tapMs === undefined) throw new Error('the tap was not seen')
  return { linkMs, tapMs, phone: notes, agent: await takeNotes(agent.page) }
}

/** The caller takes the camera away, so that the next code finds a call without a picture. */
export async function stopCamera({ phone, agent }: BenchPages): Promise<void> {
  await phone.by('stop').click()
  await phone.by('preview').waitFor({ state: 'detached' })
  await until('the workbench to offer a code', () => agent.by('send-code').isEnabled())
}

/** Moments of the call's journal on the wall clock. */
export async function journalMoments(pages: BenchPages, type: string): Promise<number[]> {
  const [folder] = await pages.server.archives()
  const entries = folder ? await readEntries(folder) : []
  const answered = entries.find(entry => entry.type === 'call.answered')
  if (answered?.type !== 'call.answered') throw new Error('no answered call in the journal')
  const zeroMs = Date.parse(answered.wallClock) - answered.atMs
  return entries.filter(entry => entry.type === type).map(entry => zeroMs + entry.atMs)
}

/** Stages of one join in ms from the tap, in the order they should come. */
export function stagesOf(round: JoinRound, cameraLive: readonly number[]): Record<string, number | undefined> {
  const { tapMs, phone, agent } = round
  const since = (atMs: number | undefined) => (atMs === undefined ? undefined : atMs - tapMs)
  const onPhone = (what: string) => since(firstAfter(phone, what, tapMs))
  const onAgent = (what: string) => since(firstAfter(agent, what, tapMs))
  return {
    'join posted': onPhone('fetch /api/join'),
    'join reply': onPhone('fetched /api/join'),
    'camera granted': onPhone('camera granted'),
    'socket open': onPhone('socket open'),
    'media.produce sent': onPhone('asked media.produce'),
    'media.produce reply': onPhone('replied media.produce'),
    'DTLS up (phone)': onPhone('peer connected'),
    'consumer told (agent)': onAgent('told media.consumer'),
    'track attached (agent)': onAgent('picture attached'),
    'camera.live journalled': since(cameraLive.find(atMs => atMs >= tapMs)),
    'first frame received': onAgent('first frame received'),
    'first frame decoded': onAgent('first frame decoded'),
    'first frame painted': onAgent('first frame painted'),
  }
}
