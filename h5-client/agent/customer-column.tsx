import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { CallFeed } from './call-feed.tsx'
import { liveCall } from './desk-state.ts'
import { InvitePanel } from './invite-panel.tsx'
import { ReadingPanel } from './reading-panel.tsx'

/** Right: who is calling, how they get to the picture, and what came of it. */
export function CustomerColumn() {
  const { desk, words } = useBench()
  const state = useStore(desk.state)
  const live = liveCall(state)
  const joined = state.joined
  return (
    <section class="column customer-column" aria-label={words.customerColumn}>
      {live ? <InvitePanel key={live.callId} call={live} /> : null}
      {!live && !joined ? (
        <div class="card">
          <h2>{words.assist}</h2>
          <p class="quiet">{words.noAssistWithoutCall}</p>
        </div>
      ) : null}
      {joined && joined.stage.pages.length > 0 ? <ReadingPanel call={joined} /> : null}
      {joined ? <CallFeed call={joined} /> : null}
    </section>
  )
}
