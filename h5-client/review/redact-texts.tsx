import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { placeText } from '../shared/console/durations.ts'
import type { EditorProps } from './redact-editor.tsx'
import { useRedactSpeech } from './redact-words.ts'

type Line = { readonly seq: number; readonly atMs: number; readonly path: string; readonly text: string }

/** Every text somebody can read in the journal, to be ticked. */
export function RedactTexts({ index, items, add, removeAll, reason }: EditorProps) {
  const { say } = useRedactSpeech()
  const lines = index.entries.flatMap(linesOf).filter(line => line.text.trim() !== '')
  if (lines.length === 0) return <p class="quiet">{say.noTexts}</p>
  return (
    <>
      <p class="quiet">{say.textsHint}</p>
      <ul class="redact-list">
        {lines.map(line => {
          const itemId = `w-${line.seq}-${line.path.replaceAll('.', '')}`.slice(0, 40)
          return (
            <li key={itemId}>
              <label class="row">
                <input
                  type="checkbox"
                  data-test="redact-text"
                  checked={items.some(item => item.itemId === itemId)}
                  onChange={event =>
                    event.currentTarget.checked
                      ? add([
                          {
                            kind: 'text',
                            itemId,
                            reason,
                            seq: line.seq,
                            path: line.path,
                            ranges: [[0, line.text.length]],
                          },
                        ])
                      : removeAll([itemId])
                  }
                />
                <span class="quiet">{placeText(line.atMs)}</span>
                <span>{line.text}</span>
              </label>
            </li>
          )
        })}
      </ul>
    </>
  )
}

function linesOf(entry: JournalEntry): Line[] {
  const at = { seq: entry.seq, atMs: entry.atMs }
  switch (entry.type) {
    case 'text.recognised':
      return entry.result.lines.length > 0
        ? entry.result.lines.map(({ text }, i) => ({ ...at, path: `result.lines.${i}.text`, text }))
        : [{ ...at, path: 'result.text', text: entry.result.text }]
    case 'text.corrected':
      return [{ ...at, path: 'text', text: entry.text }]
    case 'codes.found':
      return entry.result.codes.map(({ text }, i) => ({ ...at, path: `result.codes.${i}.text`, text }))
    case 'page.added':
      return entry.page.kind === 'card' && entry.page.card.kind === 'text'
        ? entry.page.card.rows.map(({ value }, i) => ({ ...at, path: `page.card.rows.${i}.value`, text: value }))
        : []
    case 'mark.begun':
      return entry.mark.shape === 'text' ? [{ ...at, path: 'mark.text', text: entry.mark.text }] : []
    default:
      return []
  }
}
