import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { CallFeed } from './call-feed.tsx'
import { CodesPanel } from './codes-panel.tsx'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { DocumentPanel } from './document-panel.tsx'
import { FacePanel } from './face-panel.tsx'
import { InvitePanel } from './invite-panel.tsx'
import { ReadingPanel } from './reading-panel.tsx'
import { useTools } from './use-tools.ts'

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
      {joined ? <Assistants call={joined} /> : null}
      {joined ? <CallFeed call={joined} /> : null}
    </section>
  )
}

/** What the scenario offers, always in the same order: a hand finds its button without looking. */
function Assistants({ call }: { call: JoinedCall }) {
  const tools = useTools()
  // Until there is a picture there is nothing to read, and the way to the picture needs the room.
  const started = call.stage.pages.length > 0 || call.view.camera !== 'none' || call.assist.codes.length > 0
  if (!started) return null
  return (
    <>
      {tools.has('document') ? <DocumentPanel call={call} /> : null}
      {tools.has('face') ? <FacePanel call={call} /> : null}
      {tools.has('text') ? <ReadingPanel call={call} /> : null}
      {tools.has('codes') ? <CodesPanel call={call} /> : null}
    </>
  )
}
