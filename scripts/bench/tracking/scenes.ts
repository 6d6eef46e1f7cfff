import { compose, type Homography } from '../../../h5-client/shared/tracking/homography.ts'
import { TEXTURE } from './textures.ts'

export const PICTURE = { width: 640, height: 480 } as const
export const FPS = 30
export const FRAMES = 180

/** Where the camera is: looks at (x, y) of the surface from a distance of `scale` picture pixels per surface pixel. */
export type View = { x: number; y: number; scale: number; rollDeg: number; tiltDeg: number; panDeg: number }
export type Moment = {
  /** Poses during the exposure: more than one is motion blur. */
  readonly views: readonly View[]
  readonly gain: number
  readonly offset: number
  /** Brightness falls off towards one side, −1..1. */
  readonly slope: number
  readonly noise: number
  readonly jpegQuality: number
  /** Something in front of the camera: centre and radius in picture pixels. */
  readonly cover?: { readonly x: number; readonly y: number; readonly radius: number }
  /** The surface is a card of this size (surface pixels) before another, still surface. */
  readonly card?: { readonly width: number; readonly height: number }
}
export type Scene = { readonly name: string; at(frame: number): Moment }

const HOME: View = { x: 800, y: 600, scale: 0.75, rollDeg: 0, tiltDeg: 0, panDeg: 0 }
const PLAIN = { gain: 1, offset: 0, slope: 0, noise: 2, jpegQuality: 70 }
const wave = (frame: number, periodS: number, phase = 0) => Math.sin((2 * Math.PI * frame) / (periodS * FPS) + phase)
/** 0 → 1 → 0 over the scene, level in the middle; gently, as an arm moves. */
const bump = (frame: number, from: number, to: number) => {
  const edge = 24
  const share = Math.max(0, Math.min(1, (frame - from) / edge, (to - frame) / edge))
  return share * share * (3 - 2 * share)
}
/** Nobody holds a phone still. */
const held = (frame: number): View => ({
  ...HOME,
  x: HOME.x + 5 * wave(frame, 1.7) + 3 * wave(frame, 0.61, 1) - 3 * Math.sin(1),
  y: HOME.y + 4 * wave(frame, 1.3),
  rollDeg: 0.6 * wave(frame, 2.3),
})
const still = (view: View, more: Partial<Moment> = {}): Moment => ({ views: [view], ...PLAIN, ...more })

export const SCENES: readonly Scene[] = [
  { name: 'held by hand', at: frame => still(held(frame)) },
  {
    name: 'pan',
    at: frame => still({ ...HOME, x: HOME.x + 230 * wave(frame, 3), y: HOME.y + 120 * wave(frame, 2) }),
  },
  {
    name: 'zoom 1 → 2.3 → 0.55',
    at: frame => still({ ...HOME, scale: 0.75 * 2 ** (frame < 90 ? 1.2 * wave(frame, 6) : 0.86 * wave(frame, 6)) }),
  },
  { name: 'rotation ±80°', at: frame => still({ ...held(frame), rollDeg: 80 * wave(frame, 5) }) },
  {
    name: 'tilt ±45°',
    at: frame => still({ ...held(frame), tiltDeg: 45 * wave(frame, 4), panDeg: 35 * wave(frame, 6) }),
  },
  {
    name: 'shake',
    at: frame => {
      const jerk = (phase: number) => 42 * wave(frame, 0.37, phase) * wave(frame, 1.9, phase) + 20 * wave(frame, 0.21)
      return still({ ...HOME, x: HOME.x + jerk(0), y: HOME.y + jerk(0.3), rollDeg: 4 * wave(frame, 0.41) })
    },
  },
  {
    name: 'motion blur',
    at: frame => {
      const at = (f: number): View => ({ ...HOME, x: HOME.x + 150 * wave(f, 1.4), y: HOME.y + 60 * wave(f, 1.1) })
      const views = Array.from({ length: 7 }, (_, i) => at(frame - (0.7 * i) / 6))
      return { views: frame === 0 ? [at(0)] : views, ...PLAIN }
    },
  },
  {
    name: 'hand passes in front',
    at: frame => {
      const across = (frame - 40) / 100
      const cover = across > 0 && across < 1 ? { x: -150 + across * 940, y: 250, radius: 110 } : undefined
      return still(held(frame), cover ? { cover } : {})
    },
  },
  {
    name: 'leaves and comes back',
    at: frame => {
      const out = bump(frame, 30, 130)
      return still({ ...held(frame), x: held(frame).x + 760 * out, rollDeg: 14 * (frame > 80 ? 1 : 0) })
    },
  },
  {
    name: 'light changes',
    at: frame =>
      still(held(frame), {
        gain: 1 + 0.5 * wave(frame, 3) - (frame % 60 > 40 ? 0.25 : 0),
        offset: 14 * wave(frame, 2.2),
        slope: 0.5 * wave(frame, 4),
        noise: 4,
      }),
  },
  {
    name: 'poor compression',
    at: frame => still({ ...held(frame), x: held(frame).x + 60 * wave(frame, 3) }, { noise: 5, jpegQuality: 12 }),
  },
  {
    name: 'object in the hand',
    at: frame =>
      still(
        { ...HOME, x: HOME.x + 110 * wave(frame, 3), y: HOME.y + 60 * wave(frame, 2.1), rollDeg: 20 * wave(frame, 4) },
        { card: { width: 420, height: 330 } },
      ),
  },
  {
    name: 'walking round it',
    at: frame => {
      const at = (f: number): View => ({
        x: HOME.x + 70 * wave(f, 2.3) + 8 * wave(f, 0.5),
        y: HOME.y + 40 * wave(f, 1.9) + 8 * wave(f, 0.43),
        scale: 0.75 * 2 ** (0.5 * wave(f, 5)),
        rollDeg: 15 * wave(f, 3),
        tiltDeg: 25 * wave(f, 4),
        panDeg: 25 * wave(f, 5),
      })
      const views = frame === 0 ? [at(0)] : [at(frame), at(frame - 0.2), at(frame - 0.4)]
      return { views, ...PLAIN, noise: 4, jpegQuality: 40, gain: 1 + 0.2 * wave(frame, 2) }
    },
  },
]

/** Surface pixels → picture pixels. */
export function project(view: View): Homography {
  const focal = 620
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [cr, sr] = [Math.cos(radians(view.rollDeg)), Math.sin(radians(view.rollDeg))]
  const [ct, st] = [Math.cos(radians(view.tiltDeg)), Math.sin(radians(view.tiltDeg))]
  const [cp, sp] = [Math.cos(radians(view.panDeg)), Math.sin(radians(view.panDeg))]
  const roll: Homography = [cr, -sr, 0, sr, cr, 0, 0, 0, 1]
  const tilt = [1, 0, 0, 0, ct, -st, 0, st, ct] as const
  const pan = [cp, 0, sp, 0, 1, 0, -sp, 0, cp] as const
  const r = product(roll, product(tilt, pan))
  const depth = focal / view.scale
  const pose = [
    r[0]!,
    r[1]!,
    -(r[0]! * view.x + r[1]! * view.y),
    r[3]!,
    r[4]!,
    -(r[3]! * view.x + r[4]! * view.y),
    r[6]!,
    r[7]!,
    -(r[6]! * view.x + r[7]! * view.y) + depth,
  ] as unknown as Homography
  return compose([focal, 0, PICTURE.width / 2, 0, focal, PICTURE.height / 2, 0, 0, 1], pose)
}

/** Plain matrix product: `compose` would normalise the last cell, which a rotation does not allow. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const row = Math.floor(i / 3) * 3
    return a[row]! * b[i % 3]! + a[row + 1]! * b[(i % 3) + 3]! + a[row + 2]! * b[(i % 3) + 6]!
  })
}

/** The mark: a box of the picture at the moment the pen went down. */
export const MARK = { x: 270, y: 195, width: 100, height: 90 } as const
export const SURFACE_CENTRE = { x: TEXTURE.width / 2, y: TEXTURE.height / 2 } as const
