import type { CloseName } from '../../signaling/protocol/wire.ts'
import { useBench } from './bench.ts'

type Props = { readonly reason: CloseName; readonly onSignOut: () => void }

/** The server has closed this page for a reason that waiting would not change. */
export function ClosedPage({ reason, onSignOut }: Props) {
  const { words } = useBench()
  const say = words.closed
  const reload = () => location.reload()
  if (reason === 'forbidden') {
    return (
      <main class="page-state">
        <div role="alert">
          <h1>{say.forbidden}</h1>
          <p>{say.forbiddenNote}</p>
          <button type="button" class="button primary" onClick={onSignOut}>
            {words.common.signOut}
          </button>
        </div>
      </main>
    )
  }
  const replaced = reason === 'replaced'
  return (
    <main class="page-state" data-test="closed" data-reason={reason}>
      <div role="alert">
        <h1>{replaced ? say.replaced : say.version}</h1>
        <p>{replaced ? say.replacedNote : say.versionNote}</p>
        <button type="button" class="button primary" onClick={reload}>
          {replaced ? say.useHere : say.reload}
        </button>
      </div>
    </main>
  )
}
