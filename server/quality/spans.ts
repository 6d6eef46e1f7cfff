/** A stretch on the call's clock, milliseconds, `from` before `to`. */
export type Span = readonly [fromMs: number, toMs: number]

/** Sorted, without overlaps; stretches that touch become one. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = joined.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}

/** Where both are. */
export function intersection(a: readonly Span[], b: readonly Span[]): Span[] {
  const [left, right] = [union(a), union(b)]
  const found: Span[] = []
  for (let i = 0, k = 0; i < left.length && k < right.length; ) {
    const [one, other] = [left[i] as Span, right[k] as Span]
    const [from, to] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])]
    if (to > from) found.push([from, to])
    if (one[1] < other[1]) i++
    else k++
  }
  return found
}

/** Where `a` is and `b` is not. */
export function difference(a: readonly Span[], b: readonly Span[]): Span[] {
  const [left, right] = [union(a), union(b)]
  const found: Span[] = []
  let k = 0
  for (const [from, to] of left) {
    let at = from
    while (k < right.length && (right[k] as Span)[1] <= at) k++
    for (let n = k; n < right.length && (right[n] as Span)[0] < to; n++) {
      const [cutFrom, cutTo] = right[n] as Span
      if (cutFrom > at) found.push([at, cutFrom])
      at = Math.max(at, cutTo)
    }
    if (at < to) found.push([at, to])
  }
  return found
}

/** Pauses of at most `bridgeMs` are taken as part of what is around them. */
export function bridged(spans: readonly Span[], bridgeMs: number): Span[] {
  const joined: [number, number][] = []
  for (const [from, to] of union(spans)) {
    const last = joined.at(-1)
    if (last && from - last[1] <= bridgeMs) last[1] = to
    else joined.push([from, to])
  }
  return joined
}

export function totalMs(spans: readonly Span[]): number {
  return union(spans).reduce((sum, [from, to]) => sum + to - from, 0)
}
