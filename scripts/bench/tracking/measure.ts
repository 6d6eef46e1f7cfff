import { describe } from '../../../h5-client/shared/tracking/describe.ts'
import { decodeFeatures, encodeFeatures } from '../../../h5-client/shared/tracking/features.ts'
import { Frame } from '../../../h5-client/shared/tracking/frame.ts'
import { type Grey, shrink, workSize } from '../../../h5-client/shared/tracking/grey.ts'
import { apply, type Homography } from '../../../h5-client/shared/tracking/homography.ts'
import { Neighbourhood } from '../../../h5-client/shared/tracking/key-view.ts'
import { PlaceTracker } from '../../../h5-client/shared/tracking/place-tracker.ts'
import { compressed, type SimulatedCamera, truePose } from './camera.ts'
import { FPS, FRAMES, MARK, PICTURE, type Scene } from './scenes.ts'

/** Farther from the truth than this (at 640 px width) while claiming to track is a lie. */
export const FALSE_PX = 12
/** The network between the agent's pen and the phone. */
const DELAY_FRAMES = 9

export type Sample = {
  readonly isSeen: boolean
  readonly isTracked: boolean
  /** Largest error of the mark's corners and centre, pixels at 640 px width; while tracked. */
  readonly driftPx: number | undefined
  readonly tookMs: number
}
export type Run = { readonly samples: readonly Sample[] }

export type Side = 'agent' | 'phone'

/** One scene before one surface, as the agent's browser (compressed picture) and the phone (its own picture) see it. */
export async function measure(camera: SimulatedCamera, scene: Scene): Promise<Record<Side, Run>> {
  const first = scene.at(0)
  const anchor = workFrame(await compressed(camera.photograph(first), first.jpegQuality))
  const scale = anchor.width / PICTURE.width
  const box = { x: MARK.x * scale, y: MARK.y * scale, width: MARK.width * scale, height: MARK.height * scale }
  const frame = new Frame(anchor)
  const around = new Neighbourhood(box, frame.width)
  const features = describe(frame.pyramid[0]!, { atMost: 280, importance: (x, y) => 0.2 + around.weight(x, y) })
  const travelled = decodeFeatures(encodeFeatures({ width: frame.width, height: frame.height, features }))
  if (travelled === undefined) throw new Error('features did not survive the way')
  const agent = PlaceTracker.fromFrame(frame, box, features)
  const phone = PlaceTracker.fromFeatures(travelled, box)
  const samples: Record<Side, Sample[]> = { agent: [], phone: [] }
  for (let index = 1; index < FRAMES; index += 1) {
    const moment = scene.at(index)
    const sensor = camera.photograph(moment)
    const truth = truePose(first.views[0]!, moment.views[Math.floor(moment.views.length / 2)]!)
    const isInSight = isSeen(truth, moment.cover)
    samples.agent.push(step(agent, workFrame(await compressed(sensor, moment.jpegQuality)), truth, isInSight))
    if (index >= DELAY_FRAMES) samples.phone.push(step(phone, workFrame(sensor), truth, isInSight))
  }
  return { agent: { samples: samples.agent }, phone: { samples: samples.phone } }
}

function step(tracker: PlaceTracker, picture: Grey, truth: Homography, isInSight: boolean): Sample {
  const startedAt = performance.now()
  const report = tracker.update(new Frame(picture))
  const tookMs = performance.now() - startedAt
  const isTracked = report.state === 'tracking'
  const driftPx = isTracked && report.homography ? drift(truth, report.homography) : undefined
  return { isSeen: isInSight, isTracked, driftPx, tookMs }
}

function workFrame(picture: Grey): Grey {
  const size = workSize(picture.width, picture.height)
  const small = shrink(picture, picture.width / size.width)
  if (small.width !== size.width || small.height !== size.height) throw new Error('an odd size')
  return small
}

const CORNERS = [
  [MARK.x, MARK.y],
  [MARK.x + MARK.width, MARK.y],
  [MARK.x, MARK.y + MARK.height],
  [MARK.x + MARK.width, MARK.y + MARK.height],
  [MARK.x + MARK.width / 2, MARK.y + MARK.height / 2],
] as const

/** The whole mark in the picture, with nothing in front of it. */
function isSeen(truth: Homography, cover: { x: number; y: number; radius: number } | undefined): boolean {
  return CORNERS.every(([x, y]) => {
    const place = apply(truth, x, y)
    const isCovered = cover && Math.hypot(place.x - cover.x, (place.y - cover.y) * 0.6) < cover.radius
    return !isCovered && place.x > 0 && place.y > 0 && place.x < PICTURE.width && place.y < PICTURE.height
  })
}

function drift(truth: Homography, units: Homography): number {
  let most = 0
  for (const [x, y] of CORNERS) {
    const is = apply(truth, x, y)
    const said = apply(units, x / PICTURE.width, y / PICTURE.height)
    most = Math.max(most, Math.hypot(said.x * PICTURE.width - is.x, said.y * PICTURE.height - is.y))
  }
  return most
}

/** Frames from the moment the mark is out of sight to `lost`, and from the moment it is back to `tracking`, in ms. */
export function turns({ samples }: Run): { lostMs: number[]; foundMs: number[] } {
  const lostMs: number[] = []
  const foundMs: number[] = []
  const perFrame = 1000 / FPS
  for (let i = 1; i < samples.length; i += 1) {
    const [before, now] = [samples[i - 1]!, samples[i]!]
    if (before.isSeen === now.isSeen) continue
    const rest = samples.slice(i)
    const end = rest.findIndex(one => one.isSeen !== now.isSeen)
    const stretch = end < 0 ? rest : rest.slice(0, end)
    if (now.isSeen && before.isTracked) continue
    const at = stretch.findIndex(one => one.isTracked === now.isSeen)
    if (at >= 0) (now.isSeen ? foundMs : lostMs).push(at * perFrame)
  }
  return { lostMs, foundMs }
}
