/**
 * How well a mark sticks to an object in a moving picture, against a camera whose every pose is known.
 *
 *   node scripts/bench/tracking.ts [surfaces=all] [scenes=all]
 *
 * Surfaces are drawn (textures.ts), photographed with known poses, blur, noise and light (camera.ts, scenes.ts), and
 * compressed; the tracker is the pages' own. Both sides are measured: the agent, who has the frame that was drawn on, and
 * the phone, which gets its features 0.3 s later and looks for them in its own picture.
 */
import { printTable, type Row, round, spreadOf, surroundings, writeReport } from './report.ts'
import { SimulatedCamera } from './tracking/camera.ts'
import { FALSE_PX, measure, type Run, turns } from './tracking/measure.ts'
import { SCENES } from './tracking/scenes.ts'
import { makeTexture, TEXTURES } from './tracking/textures.ts'

const wanted = (names: string | undefined, name: string) =>
  names === undefined || names === 'all' || names.split(',').some(one => name.startsWith(one))
const surfaces = TEXTURES.filter(name => wanted(process.argv[2], name))
const scenes = SCENES.filter(scene => wanted(process.argv[3], scene.name))
const sides = ['agent', 'phone'] as const

type Done = { readonly surface: string; readonly scene: string; readonly side: string; readonly run: Run }

function summary(runs: readonly Done[]): Row {
  const samples = runs.flatMap(one => one.run.samples)
  const drifts = spreadOf(samples.flatMap(one => (one.driftPx === undefined ? [] : [one.driftPx])))
  const seen = samples.filter(one => one.isSeen)
  const tracked = samples.filter(one => one.isTracked)
  const lies = tracked.filter(one => (one.driftPx ?? 0) > FALSE_PX)
  const took = spreadOf(samples.map(one => one.tookMs))
  const times = runs.map(one => turns(one.run))
  const lost = spreadOf(times.flatMap(one => one.lostMs))
  const found = spreadOf(times.flatMap(one => one.foundMs))
  const orDash = (value: number, decimals = 0) => (Number.isFinite(value) ? round(value, decimals) : '–')
  return {
    'drift p50': orDash(drifts.p50, 1),
    p95: orDash(drifts.p95, 1),
    max: orDash(drifts.max, 1),
    'tracked of seen': `${round((100 * seen.filter(one => one.isTracked).length) / Math.max(1, seen.length), 1)} %`,
    'false tracking': `${lies.length} of ${tracked.length}`,
    'to lost, ms': lost.n > 0 ? `${orDash(lost.p50)} (${orDash(lost.max)})` : '–',
    'to found again, ms': found.n > 0 ? `${orDash(found.p50)} (${orDash(found.max)})` : '–',
    'ms/frame p50': orDash(took.p50, 1),
    'p95 ': orDash(took.p95, 1),
  }
}

const done: Done[] = []
const background = await makeTexture('brick')
for (const surface of surfaces) {
  const camera = new SimulatedCamera(await makeTexture(surface), background)
  for (const scene of scenes) {
    const runs = await measure(camera, scene)
    for (const side of sides) done.push({ surface, scene: scene.name, side, run: runs[side] })
  }
  process.stderr.write(`${surface} done\n`)
}
for (const side of sides) {
  const rows = scenes.map(({ name }) => ({
    scene: name,
    ...summary(done.filter(one => one.scene === name && one.side === side)),
  }))
  const own = done.filter(one => one.side === side)
  printTable(`Sticky marks, ${side}, by motion (px at 640 px width)`, [...rows, { scene: '**all**', ...summary(own) }])
  printTable(
    `Sticky marks, ${side}, by surface`,
    surfaces.map(name => ({ surface: name, ...summary(own.filter(one => one.surface === name)) })),
  )
}
const took = done.flatMap(one => one.run.samples.map(sample => sample.tookMs))
process.stdout.write(
  `\nframes per second on one core: ${round(1000 / (took.reduce((a, b) => a + b, 0) / took.length))}\n`,
)
await writeReport('tracking', {
  surroundings: surroundings(),
  rows: done.map(({ run, ...rest }) => ({ ...rest, ...summary([{ run, ...rest }]) })),
})
