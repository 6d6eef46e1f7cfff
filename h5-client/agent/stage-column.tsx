import { shownPage } from '../../signaling/protocol/stage.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { FilmStrip } from './film-strip.tsx'
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
        <Mirror call={live} />
      </div>
      <div class="stage-middle">
        <StageView call={live} />
        <ToolBar call={live} />
      </div>
      <FilmStrip call={live} />
    </section>
  )
}

function pageNumber(call: JoinedCall): string | undefined {
  const index = call.stage.pages.findIndex(page => page.page.id === call.stage.showing)
  return index === -1 ? undefined : String(index + 1)
}

function StageTitle({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  if (!call) return <h2 class="stage-title">{words.stageColumn}</h2>
  const number = pageNumber(call)
  const text = busy.has('freeze') ? words.stage.freezing : number ? words.stage.page(number) : words.stage.live
  return (
    <h2 class="stage-title" data-test="stage-title" data-showing={number ? 'page' : 'live'}>
      {text}
    </h2>
  )
}

/** What the caller sees, small and in words, so that the agent never talks about something else. */
function Mirror({ call }: { call: JoinedCall | undefined }) {
  const { words } = useBench()
  if (!call) return null
  const number = shownPage(call.stage) ? pageNumber(call) : undefined
  const joined = call.view.camera !== 'none' && call.view.camera !== 'stopped'
  const text = number && joined ? words.mirror.page(number) : joined ? words.mirror.camera : words.mirror.nothing
  return (
    <p class="mirror" data-test="mirror">
      <Icon name="eye" />
      {words.mirror.label}
      <strong>{text}</strong>
    </p>
  )
}
