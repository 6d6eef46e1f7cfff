/**
 * What people feel, with two real Chromiums and the real server in a process of its own:
 * link tap → picture at the agent, freeze click → frozen picture, pointer → mark on the phone.
 *
 *   node scripts/bench/picture.ts [joins=25] [snapshots=40] [strokes=20]
 *
 * All clocks are this machine's. The camera is Chromium's fake one (MJPEG file, 640×480, 30 frames/s), permission is granted
 * by itself, and the phone's page is as fast as this machine; everything between is real.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { BenchPages } from './instruments/bench-pages.ts'
import { type DrawnPoint, strokeOnce } from './instruments/measure-drawing.ts'
import { type JoinRound, joinOnce, journalMoments, stagesOf, stopCamera } from './instruments/measure-join.ts'
import { freezeOnce, goLive } from './instruments/measure-snapshot.ts'
import { clockError, firstAfter, takeNotes } from './instruments/page-notes.ts'
import { printTable, round, spreadCells, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const joins = Number(process.argv[2] ?? 25)
const snapshots = Number(process.argv[3] ?? 40)
const strokes = Number(process.argv[4] ?? 20)

type Stages = Record<string, number | undefined>
const known = (values: readonly (number | undefined)[]) => values.filter(value => value !== undefined)
const table = (rounds: readonly Stages[]) =>
  Object.keys(rounds[0] ?? {}).map(stage => ({ stage, ...spreadCells(known(rounds.map(one => one[stage]))) }))

const finished = endAfter((joins * 12 + snapshots * 8 + strokes * 5 + 120) * 1000)
const before = surroundings()
const pages = await BenchPages.start()
try {
  const rounds: JoinRound[] = []
  const failures: object[] = []
  for (let index = 0; index < joins; index += 1) {
    if (index > 0) await stopCamera(pages)
    try {
      rounds.push(await joinOnce(pages))
    } catch (error) {
      // A picture that never came is a result too, and not one to hide in a percentile.
      const heard = async (page: Page) => (await takeNotes(page)).map(({ what, atMs }) => ({ what, atMs }))
      const [agent, phone] = await Promise.all([heard(pages.agent.page), heard(pages.phone.page)])
      failures.push({ index, error: String(error), agent, phone })
    }
  }
  const clockErrorMs = [await clockError(pages.agent.page), await clockError(pages.phone.page)].map(ms => round(ms, 2))
  const cameraLive = await journalMoments(pages, 'camera.live')
  const stages = rounds.map(one => stagesOf(one, cameraLive))
  const whole = rounds.map((one, index) => {
    const shown = firstAfter(one.phone, 'button shown')
    const page = shown === undefined ? undefined : shown - one.linkMs
    const picture = stages[index]?.['first frame decoded']
    const sum = page === undefined || picture === undefined ? undefined : page + picture
    return { 'link tap → button shown': page, 'button tap → first frame decoded': picture, 'sum, without reading': sum }
  })
  const joinTable = [...table(stages), ...table(whole)]
  printTable(`Join: ms from the tap on the button (${failures.length} of ${joins} showed no picture)`, joinTable)

  const frozen: Stages[] = []
  for (let index = 0; index < snapshots; index += 1) {
    await goLiveUnlessFirst(index)
    frozen.push(await freezeOnce(pages))
  }
  const snapshotTable = [
    ...table(frozen),
    { stage: 'of this: picture file made durable', ...spreadCells(await keepTimes()) },
  ]
  printTable('Snapshot: ms from the click', snapshotTable)

  await pages.agent.by('tool-pen').click()
  const points: DrawnPoint[] = []
  let unmatched = 0
  for (let index = 0; index < strokes; index += 1) {
    const stroke = await strokeOnce(pages, index / strokes)
    if (stroke.length === 0) unmatched += 1
    points.push(...stroke)
  }
  const drawingTable = [true, false].flatMap(first => {
    const some = points.filter(point => point.first === first)
    const of = first ? 'pen down' : 'pen moving'
    return [
      { stage: `${of}: sent by the agent's page`, ...spreadCells(some.map(point => point.askedMs)) },
      { stage: `${of}: told to the phone`, ...spreadCells(some.map(point => point.toldMs)) },
      { stage: `${of}: drawn on the phone`, ...spreadCells(some.map(point => point.drawnMs)) },
    ]
  })
  printTable(
    `Drawing: ms from the pointer's event (${unmatched} of ${strokes} strokes could not be matched)`,
    drawingTable,
  )
  console.log(`\nclocks of the pages against this machine's: ${clockErrorMs.join(' and ')} ms`)
  await writeReport('picture', {
    surroundings: before,
    unit: 'ms',
    joins,
    snapshots,
    strokes,
    clockErrorMs,
    join: joinTable,
    snapshot: snapshotTable,
    drawing: drawingTable,
    rounds: stages,
    failures,
  })
} catch (error) {
  console.error(error, pages.server.output.join('').slice(-2000))
  process.exitCode = 1
} finally {
  await pages.close()
  finished()
}

async function goLiveUnlessFirst(index: number): Promise<void> {
  if (index > 0) await goLive(pages)
}

/** What keeping a picture of 25 kB costs on this disk, by the archive's own hand; milliseconds. */
async function keepTimes(): Promise<number[]> {
  const root = await mkdtemp(join(tmpdir(), 'bench-picture-'))
  const logger = { debug() {}, info() {}, warn: console.error, error: console.error }
  const callId = newId('call')
  const nowMs = () => performance.now()
  const archive = await CallArchive.open({ root, callId, nowMs, logger, onDegraded() {} })
  try {
    const times: number[] = []
    for (let index = 0; index < 60; index += 1) {
      const startMs = performance.now()
      await archive.addFile(`pictures/${index}.webp`, Buffer.alloc(25_000, index))
      times.push(performance.now() - startMs)
    }
    return times
  } finally {
    await archive.discard()
    await rm(root, { recursive: true, force: true })
  }
}
