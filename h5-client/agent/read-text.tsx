import { useEffect, useState } from 'preact/hooks'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { useStore } from '../shared/console/use-store.ts'
import type { TextReading } from './assist-state.ts'
import { useBench } from './bench.ts'
import { Findings } from './findings.tsx'
import { pointsAt } from './points-at.ts'
import { cornersOf } from './stage-look.ts'

/** Lines below this (0..100) are pointed out; tesseract's own scale, where clean print is above 85. */
const UNCERTAIN_BELOW = 65

/** One reading: what recognisers found in it, the whole text to be corrected, and each line with its place. */
export function ReadText({ reading, live }: { reading: TextReading; live: boolean }) {
  const { desk, words, language } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { result, corrected } = reading
  const read = result.text.trim()
  const kept = corrected ?? read
  const [text, setText] = useState(kept)
  useEffect(() => setText(kept), [kept])
  useEffect(() => () => desk.look.highlight(undefined), [desk])
  const percent = (confidence: number) =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(confidence / 100)
  const uncertain = result.lines.filter(line => line.confidence < UNCERTAIN_BELOW).length
  const changed = text.trim() !== kept
  if (read === '' && corrected === undefined) return <p class="quiet">{words.readingEmpty}</p>
  return (
    <>
      <Findings findings={result.findings} pageId={result.pageId} />
      <textarea
        class="read-text"
        data-test="ocr-text"
        data-confidence={Math.round(result.confidence)}
        aria-label={words.reading}
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        spellcheck={false}
        readOnly={!live}
        defaultValue={kept}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      <div class="row between">
        <p class="quiet" data-test="confidence">
          {words.confidence(percent(result.confidence))}
          {uncertain > 0 ? <span class="amber"> · {words.uncertain(uncertain)}</span> : null}
          {corrected === undefined ? null : <span class="ok-text"> · {words.wb.corrected}</span>}
        </p>
        {changed && live ? (
          <button
            type="button"
            class="button small primary"
            data-test="save-correction"
            disabled={busy.has('correct')}
            onClick={() => void desk.assist.correct(reading.seq, text.trim())}
          >
            {busy.has('correct') ? words.wb.saving : words.wb.saveCorrection}
          </button>
        ) : null}
        <CopyButton text={text} words={words.common} label={words.copyText} small={changed && live} />
      </div>
      {result.lines.length > 1 || uncertain > 0 ? (
        <ol class="read-lines" aria-label={words.wb.lines} data-test="read-lines">
          {result.lines.map((line, index) => {
            const low = line.confidence < UNCERTAIN_BELOW
            return (
              <li
                key={index}
                class={low ? 'low' : undefined}
                data-test="read-line"
                {...pointsAt(desk, { pageId: result.pageId, corners: cornersOf(line.box) })}
              >
                <span class="wrap">{line.text}</span>
                <span class="figures" title={low ? words.wb.lowLine : undefined}>
                  {low ? '? ' : ''}
                  {percent(line.confidence)}
                </span>
                <CopyButton text={line.text} words={words.common} label={words.wb.copyLine} small />
              </li>
            )
          })}
        </ol>
      ) : null}
    </>
  )
}
