import { useMemo, useState } from 'preact/hooks'
import type { RedactionItem } from '../../signaling/protocol/redaction.ts'
import { type PageReadings, pageReadings } from './page-readings.ts'
import { RedactBoxes } from './redact-boxes.tsx'
import type { EditorProps } from './redact-editor.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { fileAddress } from './review-api.ts'
import { Watermark } from './watermark.tsx'

/** Boxes on the pictures of the call. */
export function RedactPages({ name, state, index, items, add, newId, reason }: EditorProps) {
  const { say, number } = useRedactSpeech()
  const pages = useMemo(() => pageReadings(index.entries), [index])
  const [at, setAt] = useState(0)
  const shown: PageReadings | undefined = pages[at]
  if (!shown?.page.picture) return <p class="quiet">{say.noPages}</p>
  const { id: pageId } = shown.page.page
  const { file, widthPx, heightPx } = shown.page.picture
  const boxes = items.flatMap(item => (item.kind === 'picture-region' && item.pageId === pageId ? item.boxes : []))
  const draw = (item: RedactionItem) => add([item])
  return (
    <>
      <div class="row">
        {pages.map((one, i) => (
          <button
            key={one.page.page.id}
            type="button"
            class="button small"
            aria-pressed={i === at}
            onClick={() => setAt(i)}
          >
            {number(i + 1)}
          </button>
        ))}
        <span class="quiet">{say.drawHint}</span>
      </div>
      <div class="redact-fit" style={{ aspectRatio: `${widthPx} / ${heightPx}` }}>
        <RedactBoxes
          boxes={boxes}
          label={say.drawHint}
          onDraw={box => draw({ kind: 'picture-region', itemId: newId(), reason, pageId, boxes: [box] })}
        >
          <img src={fileAddress(state.row.callId, file)} alt="" draggable={false} />
          <Watermark name={name} lines={state.opened.watermark.lines} />
        </RedactBoxes>
      </div>
    </>
  )
}
