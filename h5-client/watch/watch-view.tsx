import { shownPage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import type { WatchDesk, WatchedCall } from './watch-desk.ts'
import { cameraWords, useSpeech } from './watch-words.ts'
import { WatchedStage } from './watched-stage.tsx'

const TOOLS = ['pen', 'arrow', 'circle'] as const

/** One call, looked on at: the stage, what is shown, and an expert's few tools. */
export function WatchView({ desk, call, onLeave }: { desk: WatchDesk; call: WatchedCall; onLeave: () => void }) {
  const { words } = useSpeech()
  const socket = useStore(desk.socket)
  const { failed } = useStore(desk.state)
  const { tool } = useStore(desk.drawing.state)
  const page = shownPage(call.stage)
  const number = page ? call.stage.pages.indexOf(page) + 1 : 0
  const showing =
    call.stage.showing === 'share' ? words.share : page ? words.page(String(number)) : cameraWords(call.view, words)
  return (
    <main class="watch">
      <header class="watch-head">
        <strong>{words.agent(call.view.agent?.name ?? '')}</strong>
        <span role="status" data-test="watch-showing">
          {socket.kind === 'open' ? showing : words.lost}
        </span>
        <button type="button" class="button" data-test="watch-leave" onClick={onLeave}>
          {words.leave}
        </button>
      </header>
      <WatchedStage desk={desk} call={call} />
      {call.mayDraw ? (
        <div class="watch-tools" role="toolbar" aria-label={words.drawHint}>
          {TOOLS.map(one => (
            <button
              key={one}
              type="button"
              class="button"
              data-test={`watch-tool-${one}`}
              aria-pressed={tool === one}
              disabled={page === undefined}
              onClick={() => desk.drawing.choose(one)}
            >
              {words.tools[one]}
            </button>
          ))}
          <button type="button" class="button" data-test="watch-undo" disabled={!page} onClick={() => desk.undo()}>
            {words.undo}
          </button>
          <span class="quiet" role={failed ? 'alert' : undefined}>
            {failed ? words.failed : words.drawHint}
          </span>
        </div>
      ) : null}
    </main>
  )
}
