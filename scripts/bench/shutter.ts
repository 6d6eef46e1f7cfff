/**
 * The shutter with two real Chromiums and the real server: click → frozen frame on both sides, and how long the phone's best
 * still takes to follow it.
 *
 *   node scripts/bench/shutter.ts [presses=30]
 *
 * The camera is Chromium's fake one (640×480); what a real phone needs to take a photo (0.3–2 s) is not in the figures, its
 * way to the server and through the intake is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { readEntries } from '../../test/harness/archive-reader.ts'
import { until } from '../../test/harness/until.ts'
import { BenchPages } from './instruments/bench-pages.ts'
import { joinOnce } from './instruments/measure-join.ts'
import { freezeOnce, goLive } from './instruments/measure-snapshot.ts'
import { printTable, spreadCells, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const presses = Number(process.argv[2] ?? 30)
const STILL_WITHIN_MS = 20_000

const finished = endAfter((presses * 15 + 90) * 1000)
const before = surroundings()
const pages = await BenchPages.start()
try {
  await joinOnce(pages)
  const rounds: Record<string, number | undefined>[] = []
  for (let press = 0; press < presses; press += 1) {
    if (press > 0) await goLive(pages)
    rounds.push(await freezeOnce(pages))
    await until('the still or its failure', async () => (await outcomes()).length > press, {
      timeoutMs: STILL_WITHIN_MS,
      everyMs: 250,
    })
    await sleep(300)
  }
  const stages = Object.keys(rounds[0] ?? {}).map(stage => ({
    stage: `click → ${stage}`,
    ...spreadCells(rounds.flatMap(round => round[stage] ?? [])),
  }))
  const stills = await outcomes()
  const came = stills.flatMap(({ entry, afterMs }) => (entry.type === 'still.failed' ? [] : [afterMs]))
  const table = [...stages, { stage: 'frame journalled → still on its page', ...spreadCells(came) }]
  printTable(`Shutter, ms (${came.length} of ${stills.length} stills came)`, table)
  const why = stills.flatMap(({ entry }) => (entry.type === 'still.failed' ? [entry.reason] : []))
  if (why.length > 0) console.log(`\nstills that did not come: ${[...new Set(why)].join(', ')}`)
  await writeReport('shutter', { surroundings: before, unit: 'ms', presses, table, stillsThatFailed: why })
} catch (error) {
  console.error(error, pages.server.output.join('').slice(-2000))
  process.exitCode = 1
} finally {
  await pages.close()
  finished()
}

type Outcome = {
  readonly entry: Extract<JournalEntry, { type: 'page.bettered' | 'page.added' | 'still.failed' }>
  readonly afterMs: number
}

/** What became of the still of each press, in order of the presses that have an end. */
async function outcomes(): Promise<Outcome[]> {
  const [folder] = await pages.server.archives()
  const entries = folder ? await readEntries(folder) : []
  return entries.flatMap(frame => {
    if (frame.type !== 'page.added' || frame.page.kind !== 'camera') return []
    const { id } = frame.page
    const end = entries.find(
      (entry): entry is Outcome['entry'] =>
        ((entry.type === 'page.bettered' || entry.type === 'still.failed') && entry.pageId === id) ||
        (entry.type === 'page.added' && entry.page.kind === 'photo' && entry.page.of === id),
    )
    return end ? [{ entry: end, afterMs: end.atMs - frame.atMs }] : []
  })
}
