import { useEffect, useState } from 'preact/hooks'
import type { RecognisedText } from '../../signaling/protocol/reading.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'

/** Lines below this (0..100) are pointed out; tesseract's own scale, where clean print is above 85. */
const UNCERTAIN_BELOW = 65

/** The text in the frozen picture. The agent may correct it here; the journal keeps what the machine read. */
export function ReadingPanel({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const shown = shownPage(call.stage)
  // After going back to the live picture the last text stays at hand.
  const page = shown ?? call.stage.pages.findLast(one => call.readings.has(one.page.id))
  const reading = page ? call.readings.get(page.page.id) : undefined
  const running = busy.has('read-text')
  return (
    <article class="card reading" aria-label={words.reading}>
      <div class="row between">
        <h2>{words.reading}</h2>
        <button
          type="button"
          class="button"
          data-test="read-text"
          disabled={!live || !shown || running}
          onClick={() => shown && void desk.readText(shown.page.id)}
        >
          <Icon name="read" />
          {running ? words.readingNow : reading ? words.readAgain : words.readText}
          <kbd>O</kbd>
        </button>
      </div>
      {!page ? <p class="quiet">{words.readingHint}</p> : null}
      {reading?.kind === 'failed' ? <p class="amber">{words.readingFailed}</p> : null}
      {reading?.kind === 'done' ? <ReadText result={reading.result} /> : null}
    </article>
  )
}

function ReadText({ result }: { result: RecognisedText }) {
  const { words, language } = useBench()
  const [text, setText] = useState(result.text.trim())
  useEffect(() => setText(result.text.trim()), [result])
  const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(result.confidence / 100)
  const uncertain = result.lines.filter(line => line.confidence < UNCERTAIN_BELOW).length
  if (result.text.trim() === '') return <p class="quiet">{words.readingEmpty}</p>
  return (
    <>
      <textarea
        class="read-text"
        data-test="ocr-text"
        data-confidence={Math.round(result.confidence)}
        aria-label={words.reading}
        rows={Math.min(10, Math.max(3, text.split('\n').length))}
        spellcheck={false}
        defaultValue={result.text.trim()}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      <div class="row between">
        <p class="quiet">
          {words.confidence(percent)}
          {uncertain > 0 ? <span class="amber"> · {words.uncertain(uncertain)}</span> : null}
        </p>
        <CopyButton text={text} words={words.common} label={words.copyText} />
      </div>
    </>
  )
}
