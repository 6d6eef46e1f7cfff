import { useEffect, useRef, useState } from 'preact/hooks'
import type { Release } from '../../signaling/protocol/review-access.ts'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { askRelease, originals } from './release-api.ts'
import { useSpeech } from './review-words.ts'
import { useLoaded, useTask } from './use-task.ts'

/** Asks for originals of the open record; somebody else has to agree. */
export function ReleaseTool(props: RecordProps) {
  const { words } = useSpeech()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" class="button small" data-test="release-ask" onClick={() => setOpen(true)}>
        {words.work.release.ask}
      </button>
      {open ? <ReleaseDialog {...props} onDone={() => setOpen(false)} /> : null}
    </>
  )
}

function ReleaseDialog({ desk, state, onDone }: RecordProps & { readonly onDone: () => void }) {
  const { words, bytes } = useSpeech()
  const say = words.work.release
  const { callId } = state.row
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  const [whole, setWhole] = useState(true)
  const [files, setFiles] = useState<readonly string[]>([])
  const [sent, setSent] = useState<Release | undefined>()
  const list = useLoaded(desk, () => originals(callId))
  const task = useTask(desk)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    void task.run(async () => setSent(await askRelease(callId, reason.trim(), whole ? 'package' : files)))
  }
  return (
    <dialog ref={dialog} class="dialog" data-test="release-dialog" onClose={onDone}>
      <h2>{say.askTitle}</h2>
      {sent ? (
        <>
          <p role="status" data-test="release-sent">
            {say.pending}
          </p>
          <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
            {words.replay.close}
          </button>
        </>
      ) : (
        <form class="comment-form" onSubmit={submit}>
          <p class="quiet">{say.note}</p>
          <label class="field">
            <span>{say.why}</span>
            <input
              data-test="release-reason"
              maxLength={500}
              value={reason}
              onInput={event => setReason(event.currentTarget.value)}
            />
          </label>
          <fieldset class="segments">
            <legend class="sr-only">{say.what}</legend>
            <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
              {say.package}
            </button>
            <button type="button" data-test="release-files" aria-pressed={!whole} onClick={() => setWhole(false)}>
              {say.files}
            </button>
          </fieldset>
          {whole
            ? null
            : (list.state.kind === 'ready' ? list.state.value : []).map(file => (
                <label key={file.path} class="check">
                  <input
                    type="checkbox"
                    checked={files.includes(file.path)}
                    onChange={event =>
                      setFiles(
                        event.currentTarget.checked ? [...files, file.path] : files.filter(one => one !== file.path),
                      )
                    }
                  />
                  <code>{file.path}</code> {bytes(file.bytes)}
                </label>
              ))}
          <Refused failed={task.failed} message={task.message} />
          <div class="row">
            <button
              type="submit"
              class="button primary"
              data-test="release-send"
              disabled={task.busy || reason.trim().length < 3 || (!whole && files.length === 0)}
            >
              {say.send}
            </button>
            <button type="button" class="button plain" onClick={() => dialog.current?.close()}>
              {words.work.cancel}
            </button>
          </div>
        </form>
      )}
    </dialog>
  )
}
