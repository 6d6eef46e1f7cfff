import t from 'tap'
import { describe } from './describe.ts'
import { decodeFeatures, encodeFeatures, MAX_FEATURES } from './features.ts'
import { Frame } from './frame.ts'
import type { Grey } from './grey.ts'
import {
  type CameraPose,
  HOME,
  photograph,
  projection,
  repeatedSurface,
  type Shot,
  simulatedSurface,
  VIEW,
} from './harness/simulated-view.ts'
import { apply, type Box, compose, invert } from './homography.ts'
import { type PlaceReport, PlaceTracker } from './place-tracker.ts'

const BOX: Box = { x: 130, y: 90, width: 60, height: 60 }
const surface = simulatedSurface(11)

function anchorOf(image: Grey) {
  const frame = new Frame(image)
  const features = describe(frame.pyramid[0]!, { atMost: 250 })
  return { frame, features, tracker: PlaceTracker.fromFrame(frame, BOX, features) }
}

/** Largest error of the box's corners, pixels of the view. */
function driftPx(
  report: PlaceReport,
  from: CameraPose,
  to: CameraPose,
  size: { width: number; height: number } = VIEW,
): number {
  if (!report.homography) return Number.POSITIVE_INFINITY
  const truth = compose(projection(to, size), invert(projection(from))!)
  let most = 0
  for (const [x, y] of [
    [BOX.x, BOX.y],
    [BOX.x + BOX.width, BOX.y],
    [BOX.x, BOX.y + BOX.height],
    [BOX.x + BOX.width, BOX.y + BOX.height],
  ] as const) {
    const is = apply(truth, x, y)
    const said = apply(report.homography, x / VIEW.width, y / VIEW.height)
    most = Math.max(most, Math.hypot(said.x * size.width - is.x, said.y * size.height - is.y))
  }
  return most
}

type Step = Partial<CameraPose> & Pick<Shot, 'cover' | 'gain'>
function follow(steps: readonly Step[]): { reports: PlaceReport[]; drifts: number[] } {
  const { tracker } = anchorOf(photograph({ surface, pose: HOME }, 1))
  const reports: PlaceReport[] = []
  const drifts: number[] = []
  steps.forEach(({ cover, gain, ...move }, index) => {
    const pose = { ...HOME, ...move }
    const image = photograph({ surface, pose, ...(cover && { cover }), ...(gain && { gain }) }, index + 2)
    const report = tracker.update(new Frame(image))
    reports.push(report)
    drifts.push(driftPx(report, HOME, pose))
  })
  return { reports, drifts }
}
const steps = (count: number, at: (share: number) => Step) =>
  Array.from({ length: count }, (_, i) => at((i + 1) / count))

t.test('[TRK1] a mark follows moving, turning, tilting, zooming and a change of light', async t => {
  const ways: Record<string, Step[]> = {
    moving: steps(24, s => ({ x: HOME.x + 70 * Math.sin(6 * s), y: HOME.y + 40 * Math.sin(4 * s) })),
    turning: steps(24, s => ({ turnDeg: 90 * s })),
    zooming: steps(24, s => ({ scale: 1 + 0.9 * s })),
    'moving away': steps(24, s => ({ scale: 1 - 0.45 * s })),
    tilting: steps(24, s => ({ tilt: 2.2 * s })),
    light: steps(24, s => ({ gain: 1 - 0.55 * s, x: HOME.x + 20 * s })),
  }
  for (const [name, way] of Object.entries(ways)) {
    const { reports, drifts } = follow(way)
    t.ok(
      reports.every(report => report.state === 'tracking'),
      `${name}: always tracked`,
    )
    t.ok(Math.max(...drifts) < 1.2, `${name}: at most ${Math.max(...drifts).toFixed(2)} px away`)
    t.ok(reports.at(-1)!.confidence > 0.4, `${name}: and sure of it`)
  }
})

t.test('[TRK2] what is covered or gone is lost within half a second, never somewhere else', async t => {
  const covered = steps(15, () => ({ cover: { x: 60, y: 20, width: 200, height: 200 } }))
  const gone = steps(20, s => ({ x: HOME.x + 300 * Math.min(1, 2 * s) }))
  for (const [name, way] of Object.entries({ covered, gone })) {
    const { reports, drifts } = follow(way)
    t.equal(reports.at(-1)!.state, 'lost', name)
    const lies = reports.filter((report, index) => report.state === 'tracking' && drifts[index]! > 6)
    t.equal(lies.length, 0, `${name}: no wrong place was claimed`)
    t.equal(reports.at(-1)!.homography, undefined, 'and no place is named')
  }
})

t.test('[TRK3] what comes back is found again, elsewhere in the picture', async t => {
  const out = steps(12, s => ({ x: HOME.x + 420 * s }))
  const back = steps(12, () => ({ x: HOME.x - 50, y: HOME.y + 30, turnDeg: 25 }))
  const { reports, drifts } = follow([...out, ...back])
  t.equal(reports[11]!.state, 'lost')
  t.equal(reports.at(-1)!.state, 'tracking')
  t.ok(drifts.at(-1)! < 1, `${drifts.at(-1)!.toFixed(2)} px`)
})

t.test('[TRK4] a place without texture is not anchored', async t => {
  const flat = { width: VIEW.width, height: VIEW.height, data: new Uint8Array(VIEW.width * VIEW.height).fill(120) }
  t.equal(anchorOf(flat).tracker.state, 'lost')
  t.equal(anchorOf(photograph({ surface, pose: HOME }, 1)).tracker.state, 'tracking')
})

t.test('[TRK5] the same frames give the same numbers', async t => {
  const way = steps(8, s => ({ x: HOME.x + 60 * s, turnDeg: 20 * s }))
  t.same(follow(way).reports, follow(way).reports)
})

t.test('[TRK6] features survive the way, and what is no set of features is refused', async t => {
  const { features } = anchorOf(photograph({ surface, pose: HOME }, 1))
  const text = encodeFeatures({ ...VIEW, features })
  t.ok(text.length <= 40_000)
  t.match(text, /^[A-Za-z0-9+/]+=*$/)
  const back = decodeFeatures(text)
  t.equal(back?.features.length, features.length)
  t.equal(back?.width, VIEW.width)
  for (const [index, feature] of features.entries()) {
    const other = back!.features[index]!
    if (Math.abs(other.x - feature.x) > 0.04 || other.octave !== feature.octave) t.fail(`feature ${index}`)
    if (feature.bits.some((word, i) => word !== other.bits[i])) t.fail(`bits of feature ${index}`)
  }
  const many = Array.from({ length: 2_000 }, (_, i) => features[i % features.length]!)
  const most = encodeFeatures({ ...VIEW, features: many })
  t.ok(most.length <= 40_000, `${most.length} characters for ${MAX_FEATURES}`)
  for (const bad of [
    '',
    '!',
    'AAAA',
    text.slice(0, -8),
    `${text.slice(0, -4)}AAAAAAAA`,
    btoa(`\x02${atob(text).slice(1)}`),
  ])
    t.equal(decodeFeatures(bad), undefined)
})

t.test('[TRK7] another picture of the object is enough: larger, darker, turned, later', async t => {
  const { features } = anchorOf(photograph({ surface, pose: HOME, noise: 4 }, 1))
  const set = decodeFeatures(encodeFeatures({ ...VIEW, features }))!
  for (const pose of [
    HOME,
    { ...HOME, x: HOME.x + 60, y: HOME.y - 30, turnDeg: -30 },
    { ...HOME, scale: 1.5 },
    { ...HOME, scale: 0.7, turnDeg: 60 },
    { ...HOME, tilt: 1.2 },
  ]) {
    const tracker = PlaceTracker.fromFeatures(set, BOX)
    t.equal(tracker.state, 'searching')
    const reports = steps(8, () => ({})).map((_, index) =>
      tracker.update(
        new Frame(photograph({ surface, pose: { ...pose, x: pose.x + index }, gain: 0.7, noise: 1 }, 50 + index)),
      ),
    )
    const last = reports.at(-1)!
    t.equal(last.state, 'tracking')
    const away = driftPx(last, HOME, { ...pose, x: pose.x + 7 })
    t.ok(away < 2, `${away.toFixed(2)} px`)
  }
  const elsewhere = PlaceTracker.fromFeatures(set, BOX)
  const other = simulatedSurface(77)
  for (let index = 0; index < 10; index += 1)
    elsewhere.update(new Frame(photograph({ surface: other, pose: HOME }, index)))
  t.equal(elsewhere.state, 'searching', 'and nothing is found where it is not')
})

t.test('[TRK8] on a repeated pattern nothing is claimed that could as well be elsewhere', async t => {
  const holes = repeatedSurface(30)
  const { features } = anchorOf(photograph({ surface: holes, pose: HOME }, 1))
  const set = decodeFeatures(encodeFeatures({ ...VIEW, features }))!
  const tracker = PlaceTracker.fromFeatures(set, BOX)
  for (let index = 0; index < 10; index += 1)
    tracker.update(new Frame(photograph({ surface: holes, pose: { ...HOME, x: HOME.x + 33 } }, index + 2)))
  t.equal(tracker.state, 'searching')
})

t.test('[TRK9] a mark on a thing in the hand follows the thing, not the wall', async t => {
  const background = simulatedSurface(5)
  const before = { background, halfWidth: 70, halfHeight: 60 }
  const { tracker } = anchorOf(photograph({ surface, pose: HOME, before }, 1))
  for (let index = 1; index <= 24; index += 1) {
    const pose = {
      ...HOME,
      x: HOME.x + 50 * Math.sin(index / 5),
      y: HOME.y + 25 * Math.sin(index / 4),
      turnDeg: index / 2,
    }
    const report = tracker.update(new Frame(photograph({ surface, pose, before }, index + 1)))
    t.equal(report.state, 'tracking')
    t.ok(driftPx(report, HOME, pose) < 1.5, `${driftPx(report, HOME, pose).toFixed(2)} px`)
  }
})

t.test('[TRK13] a smooth thing before a rich background is not anchored to the background', async t => {
  const background = simulatedSurface(5)
  const smooth = { width: 900, height: 700, data: new Uint8Array(900 * 700).fill(150) }
  const before = { background, halfWidth: 110, halfHeight: 95 }
  const { tracker, frame } = anchorOf(photograph({ surface: smooth, pose: HOME, before }, 1))
  t.equal(tracker.state, 'lost')
  // Nor is it found by what lies around it.
  const features = describe(frame.pyramid[0]!, { atMost: 250 })
  t.ok(features.length > 60, `${features.length} features, all of the background`)
  const found = PlaceTracker.fromFeatures({ ...VIEW, features }, BOX)
  for (let index = 0; index < 8; index += 1)
    found.update(new Frame(photograph({ surface: smooth, pose: { ...HOME, x: HOME.x + index }, before }, index + 2)))
  t.equal(found.state, 'searching')
})

t.test('[TRK10] a turned phone: lost for a moment, then found in the frame of the other shape', async t => {
  const { tracker } = anchorOf(photograph({ surface, pose: HOME }, 1))
  t.equal(tracker.update(new Frame(photograph({ surface, pose: HOME }, 2))).state, 'tracking')
  const size = { width: VIEW.height, height: VIEW.width }
  const pose = { ...HOME, x: HOME.x + 6 }
  const reports = [3, 4, 5, 6].map(seed => tracker.update(new Frame(photograph({ surface, pose, size }, seed))))
  t.notOk(
    reports.some(report => report.homography && driftPx(report, HOME, pose, size) > 2),
    'nothing was displaced',
  )
  t.equal(reports.at(-1)!.state, 'tracking')
})
