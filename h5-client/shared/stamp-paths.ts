import type { StampKind } from '../../signaling/protocol/mark-kinds.ts'

export type StampContext = Pick<
  CanvasRenderingContext2D,
  'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'arc' | 'closePath'
>
/** Places a point of the stamp's own square (-1..1, y downwards) on the context. */
type At = (x: number, y: number) => readonly [number, number]

export type StampPath = {
  /** The shape itself. */
  readonly trace: (context: StampContext, at: At, radius: number) => void
  /** Filled, or drawn as thick lines. */
  readonly filled: boolean
  /** Thick lines more: on a filled shape in the colour of its rim, beside it in its own colour. */
  readonly detail?: { readonly on: boolean; readonly trace: (context: StampContext, at: At, radius: number) => void }
}

function lines(context: StampContext, at: At, points: readonly (readonly [number, number])[], closed = false): void {
  points.forEach(([x, y], index) => {
    if (index === 0) context.moveTo(...at(x, y))
    else context.lineTo(...at(x, y))
  })
  if (closed) context.closePath()
}

/** A way that comes from below and bends to one side; `side` is -1 for left. */
function turn(context: StampContext, at: At, side: -1 | 1): void {
  context.moveTo(...at(-0.55 * side, 0.95))
  context.lineTo(...at(-0.55 * side, 0.1))
  context.quadraticCurveTo(...at(-0.55 * side, -0.4), ...at(0, -0.4))
  context.lineTo(...at(0.8 * side, -0.4))
  lines(context, at, [
    [0.3 * side, -0.95],
    [0.9 * side, -0.4],
    [0.3 * side, 0.15],
  ])
}

/** Vector paths, because a stamp must look the same wherever it is painted, whatever fonts a phone has. */
export const STAMP_PATHS: Readonly<Record<StampKind, StampPath>> = {
  warning: {
    filled: true,
    trace: (context, at) =>
      lines(
        context,
        at,
        [
          [0, -0.95],
          [1.05, 0.85],
          [-1.05, 0.85],
        ],
        true,
      ),
    detail: {
      on: true,
      trace: (context, at) => {
        lines(context, at, [
          [0, -0.3],
          [0, 0.2],
        ])
        lines(context, at, [
          [0, 0.55],
          [0, 0.555],
        ])
      },
    },
  },
  tick: {
    filled: false,
    trace: (context, at) =>
      lines(context, at, [
        [-0.85, 0.1],
        [-0.25, 0.7],
        [0.9, -0.7],
      ]),
  },
  cross: {
    filled: false,
    trace: (context, at) => {
      lines(context, at, [
        [-0.75, -0.75],
        [0.75, 0.75],
      ])
      lines(context, at, [
        [0.75, -0.75],
        [-0.75, 0.75],
      ])
    },
  },
  'turn-left': { filled: false, trace: (context, at) => turn(context, at, -1) },
  'turn-right': { filled: false, trace: (context, at) => turn(context, at, 1) },
  /** A hand whose fingertip lies on the very place. */
  press: {
    filled: true,
    trace: (context, at) => {
      context.moveTo(...at(-0.22, 0))
      context.quadraticCurveTo(...at(-0.22, -0.24), ...at(0, -0.24))
      context.quadraticCurveTo(...at(0.22, -0.24), ...at(0.22, 0))
      context.lineTo(...at(0.22, 0.75))
      context.quadraticCurveTo(...at(1.05, 0.85), ...at(1.05, 1.25))
      context.quadraticCurveTo(...at(1.05, 1.9), ...at(0.75, 2.3))
      context.lineTo(...at(-0.35, 2.3))
      context.quadraticCurveTo(...at(-0.8, 1.7), ...at(-0.95, 1.2))
      context.quadraticCurveTo(...at(-0.6, 0.85), ...at(-0.22, 1.35))
      context.closePath()
    },
    detail: {
      on: false,
      trace: (context, at, radius) => {
        const [x, y] = at(0, 0)
        const [from, to] = [Math.PI * 0.95, Math.PI * 2.05]
        context.moveTo(x + radius * 0.75 * Math.cos(from), y + radius * 0.75 * Math.sin(from))
        context.arc(x, y, radius * 0.75, from, to)
      },
    },
  },
}
