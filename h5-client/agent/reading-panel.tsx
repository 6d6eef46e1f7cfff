import { useEffect, useState } from 'preact/hooks'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import type { TextReading } from './assist-state.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { ReadText } from './read-text.tsx'
import { pageNumber } from './who-looks.ts'

/** The text in a page or a part of it. The agent may correct it here; the journal keeps what the machine read as well. */
export function ReadingPanel({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { mode } = useStore(desk.look.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const shown = shownPage(call.stage)
  const page = shown?.picture ? shown : undefined
  const { texts, textFailure } = call.assist
  const ofPage = texts.filter(one => one.result.pageId === page?.page.id)
  // After going back to the live picture the last text stays at hand.
  const listed = page ? ofPage : texts.slice(-1)
  const [chosen, setChosen] = useState<number | undefined>()
  const newest = listed.at(-1)
  useEffect(() => setChosen(undefined), [newest?.seq])
  const reading = listed.find(one => one.seq === chosen) ?? newest
  const running = busy.has('read-text')
  return (
    <article class="card reading" aria-label={words.reading}>
      <div class="card-head">
        <h2>{words.reading}</h2>
        <button
          type="button"
          class={mode === 'region' ? 'button small pressed' : 'button small'}
          data-test="region"
          aria-pressed={mode === 'region'}
          title={words.wb.regionTip}
          disabled={!live || !page}
          onClick={() => desk.look.toggleMode('region')}
        >
          {words.wb.region}
          <kbd>R</kbd>
        </button>
        <button
          type="button"
          class="button small"
          data-test="read-text"
          disabled={!live || !page || running}
          onClick={() => page && void desk.assist.readText(page.page.id)}
        >
          <Icon name="read" />
          {running ? words.readingNow : ofPage.length > 0 ? words.readAgain : words.readText}
          <kbd>O</kbd>
        </button>
      </div>
      {!page && !reading ? <p class="quiet">{words.readingHint}</p> : null}
      {textFailure && textFailure.pageId === page?.page.id ? (
        <p class="amber" role="alert">
          {words.readingFailed}
        </p>
      ) : null}
      {listed.length > 1 ? (
        <ul class="chips" aria-label={words.wb.readings} data-test="readings">
          {listed.toReversed().map(one => (
            <li key={one.seq}>
              <button type="button" aria-pressed={one === reading} onClick={() => setChosen(one.seq)}>
                {one.result.region ? words.wb.partOfPage : words.wb.wholePage} {clockText(one.atMs)}
                {one.corrected === undefined ? null : <Icon name="check" size={12} />}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {!page && reading ? <OfPage call={call} reading={reading} /> : null}
      {reading ? <ReadText key={reading.seq} reading={reading} live={live} /> : null}
    </article>
  )
}

function OfPage({ call, reading }: { call: JoinedCall; reading: TextReading }) {
  const { words } = useBench()
  return <p class="quiet">{words.wb.ofPage(String(pageNumber(call.stage, reading.result.pageId)))}</p>
}
