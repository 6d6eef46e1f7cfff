import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import type { ReplayView } from './replay-view.ts'
import { useSpeech } from './review-words.ts'

/** Every key of the replay. */
export function KeysDialog({ view }: { view: ReplayView }) {
  const { words } = useSpeech()
  const { keysShown } = useStore(view.state)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (keysShown) dialog.current?.showModal()
    else dialog.current?.close()
  }, [keysShown])
  return (
    <dialog ref={dialog} class="dialog" data-test="keys-dialog" onClose={() => view.showKeys(false)}>
      <h2>{words.replay.keysTitle}</h2>
      <dl class="keys">
        {words.replay.keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button" onClick={() => view.showKeys(false)}>
        {words.replay.close}
      </button>
    </dialog>
  )
}
