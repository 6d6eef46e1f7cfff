import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Surface } from '../../signaling/protocol/stage.ts'
import type { PointerSample } from '../shared/paint-pointer.ts'

/** The ways of everybody's pointer on a surface, oldest place first. The last point of an entry is of the entry's own time. */
export function pointersAt(entries: readonly JournalEntry[], on: Surface): readonly (readonly PointerSample[])[] {
  const ways = new Map<string, PointerSample[]>()
  for (const entry of entries) {
    if (entry.type !== 'pointer.moved' || entry.on !== on) continue
    const lastMs = entry.points[entry.points.length - 1]?.[2] ?? 0
    const way = ways.get(entry.by) ?? []
    way.push(...entry.points.map(([x, y, ms]) => ({ x, y, atMs: entry.atMs - Math.max(0, lastMs - ms) })))
    ways.set(entry.by, way)
  }
  return [...ways.values()]
}
