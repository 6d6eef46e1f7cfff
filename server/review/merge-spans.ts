export type Span = readonly [from: number, to: number]

/** Overlapping and touching spans become one; sorted by their beginning. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = []
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (to <= from) continue
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

export function lengthOf(spans: readonly Span[]): number {
  return mergeSpans(spans).reduce((sum, [from, to]) => sum + to - from, 0)
}
