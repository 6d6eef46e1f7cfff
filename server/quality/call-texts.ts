import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Evidence, Transcript } from '../../signaling/protocol/quality.ts'
import type { QualityTextSource } from '../../signaling/protocol/quality-kinds.ts'
import { textsOfEntry } from '../review/texts-of-entry.ts'

/** A text of the call with its place. */
export type PlacedText = {
  readonly source: QualityTextSource
  readonly text: string
  readonly atMs: number
  readonly toMs?: number
  readonly seq?: number
}

/** Everything that was read, written, shown or (with a transcript) said, in the order of the call. */
export function textsOfCall(entries: readonly JournalEntry[], transcript: Transcript | undefined): PlacedText[] {
  const texts: PlacedText[] = []
  // What recognisers found stands in the text they found it in, and another system's data were not part of the call.
  for (const entry of entries)
    for (const { kind, text } of textsOfEntry(entry))
      if (kind !== 'finding' && kind !== 'external' && kind !== 'transcript')
        texts.push({ source: kind, text, atMs: Math.max(0, entry.atMs), seq: entry.seq })
  for (const { party, fromMs, toMs, text } of transcript?.segments ?? [])
    texts.push({ source: `transcript-${party}`, text, atMs: fromMs, toMs })
  return texts.sort((a, b) => a.atMs - b.atMs)
}

export function evidenceOf({ source, atMs, toMs, seq }: PlacedText, chars?: readonly [number, number]): Evidence {
  return {
    ...{ source, atMs },
    ...(toMs !== undefined && { toMs }),
    ...(seq !== undefined && { seq }),
    ...(chars && { chars: [chars[0], chars[1]] as [number, number] }),
  }
}
