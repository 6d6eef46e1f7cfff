/** A place on the context, in its own units. */
export type Place = { readonly x: number; readonly y: number }
type Path = Pick<CanvasRenderingContext2D, 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'ellipse' | 'closePath'>

/** Quadratic curves through the middles of neighbouring points: smooth, and earlier parts never move when points come. */
export function tracePen(context: Path, places: readonly Place[]): void {
  const [first, ...rest] = places
  if (first === undefined) return
  context.moveTo(first.x, first.y)
  // A tap without movement is a dot: a line of no length with round ends.
  if (rest.length === 0) context.lineTo(first.x + 0.01, first.y)
  let before = first
  for (const place of rest) {
    context.quadraticCurveTo(before.x, before.y, (before.x + place.x) / 2, (before.y + place.y) / 2)
    before = place
  }
  if (rest.length > 0) context.lineTo(before.x, before.y)
}

export function traceLine(context: Path, from: Place, to: Place): void {
  context.moveTo(from.x, from.y)
  context.lineTo(to.x === from.x && to.y === from.y ? to.x + 0.01 : to.x, to.y)
}

export function traceArrow(context: Path, from: Place, to: Place, width: number): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  if (length < 1) return
  const head = Math.min(Math.max(width * 4.5, length * 0.2), length * 0.6)
  const angle = Math.atan2(to.y - from.y, to.x - from.x)
  for (const side of [-1, 1]) {
    context.moveTo(to.x, to.y)
    context.lineTo(to.x - head * Math.cos(angle + side * 0.5), to.y - head * Math.sin(angle + side * 0.5))
  }
}

export function traceEllipse(context: Path, one: Place, other: Place): void {
  const radiusX = Math.max(1, Math.abs(other.x - one.x) / 2)
  const radiusY = Math.max(1, Math.abs(other.y - one.y) / 2)
  context.ellipse((one.x + other.x) / 2, (one.y + other.y) / 2, radiusX, radiusY, 0, 0, Math.PI * 2)
}

export function traceBox(context: Path, one: Place, other: Place): void {
  context.moveTo(one.x, one.y)
  context.lineTo(other.x, one.y)
  context.lineTo(other.x, other.y)
  context.lineTo(one.x, other.y)
  context.closePath()
}
