import fc from 'fast-check'
import t from 'tap'
import { bridged, difference, intersection, type Span, totalMs, union } from './spans.ts'

const spans = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 15 })).map(([from, n]): Span => [from, from + n]),
  { maxLength: 12 },
)
/** The milliseconds that are covered, one by one. */
const covered = (list: readonly Span[]) => {
  const all = new Set<number>()
  for (const [from, to] of list) for (let at = from; at < to; at++) all.add(at)
  return all
}
const same = (a: Set<number>, b: Set<number>) => a.size === b.size && [...a].every(at => b.has(at))
const kept = (set: Set<number>, keep: (at: number) => boolean) => new Set([...set].filter(keep))
const tidy = (list: readonly Span[]) => list.every(([from, to], i) => to > from && from >= (list[i - 1]?.[1] ?? 0))

t.test('[QC3] stretches are added, cut and taken away as their milliseconds are', async t => {
  fc.assert(
    fc.property(spans, spans, (a, b) => {
      const [left, right] = [covered(a), covered(b)]
      return (
        same(covered(union(a)), left) &&
        same(
          covered(intersection(a, b)),
          kept(left, at => right.has(at)),
        ) &&
        same(
          covered(difference(a, b)),
          kept(left, at => !right.has(at)),
        ) &&
        [union(a), intersection(a, b), difference(a, b)].every(tidy) &&
        totalMs(intersection(a, b)) + totalMs(difference(a, b)) === totalMs(a) &&
        totalMs(bridged(a, 3)) >= totalMs(a)
      )
    }),
    { numRuns: 2000 },
  )
  t.pass()
})
