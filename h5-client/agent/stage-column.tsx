import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { FilmStrip } from './film-strip.tsx'
import { Mirror } from './mirror.tsx'
import { pageTitle } from './page-title.ts'
import { PushButton } from './push-button.tsx'
import { StageNotices } from './stage-notices.tsx'
import { StageView } from './stage-view.tsx'
import { ToolBar } from './tool-bar.tsx'

/** Centre: everything that is seen. */
export function StageColumn() {
  const { desk, words } = useBench()
  const state = useStore(desk.state)
  const live = liveCall(state)
  return (
    <section class="column stage-column" aria-label={words.stageColumn}>
      <div class="stage-head">
        <StageTitle call={live} />
        <span class="push" />
        {live ? <Mirror call={live} /> : null}
        {live ? <WideButton call={live} /> : null}
        {live ? <PushButton /> : null}
      </div>
      {live ? <StageNotices call={live} /> : null}
      <div class="stage-middle">
        <StageView call={live} />
        <ToolBar call={live} />
      </div>
      <FilmStrip call={live} />
    </section>
  )
}

/** More room for the picture. What is read meanwhile brings the column back: a result is never out of sight. */
function WideButton({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { wide } = useStore(desk.look.state)
  const { texts, codes, documents, faces } = call.assist
  const results = texts.length + codes.length + documents.length + faces.length
  const seen = useRef(results)
  useEffect(() => {
    if (results > seen.current) desk.look.setWide(false)
    seen.current = results
  }, [results, desk])
  return (
    <button
      type="button"
      class={wide ? 'button small pressed' : 'button small'}
      data-test="wide"
      aria-pressed={wide}
      aria-label={words.wb.wide}
      title={words.wb.wideTip}
      onClick={() => desk.look.setWide(!wide)}
    >
      <Icon name="wide" />
      <span>{words.wb.wide}</span>
      <kbd>Z</kbd>
    </button>
  )
}

function StageTitle({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  if (!call) return <h2 class="stage-title">{words.stageColumn}</h2>
  const index = call.stage.pages.findIndex(page => page.page.id === call.stage.showing)
  const shown = call.stage.pages[index]
  const text = busy.has('freeze')
    ? words.stage.freezing
    : shown
      ? pageTitle(shown.page, index, words)
      : call.stage.showing === 'share'
        ? words.wb.share
        : call.view.rung === 'live'
          ? words.stage.live
          : words.wb.rungShort[call.view.rung]
  return (
    <h2 class="stage-title cut" data-test="stage-title" data-showing={shown ? 'page' : 'live'} title={text}>
      {text}
    </h2>
  )
}
