import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { tellPrint } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import { useTask } from './use-task.ts'

/** Prints the record: asks what for, tells the server, and prints only after its answer. */
export function PrintTool({ desk, state }: RecordProps) {
  const { words } = useSpeech()
  const say = words.work
  const [open, setOpen] = useState(false)
  const [purpose, setPurpose] = useState('')
  const dialog = useRef<HTMLDialogElement>(null)
  const task = useTask(desk)
  useEffect(() => {
    if (open) dialog.current?.showModal()
  }, [open])
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!(await task.run(() => tellPrint(state.row.callId, purpose.trim())))) return
    dialog.current?.close()
    window.print()
  }
  return (
    <>
      <button type="button" class="button small" data-test="print" onClick={() => setOpen(true)}>
        {say.print}
      </button>
      {open ? (
        <dialog ref={dialog} class="dialog" onClose={() => setOpen(false)}>
          <h2>{say.print}</h2>
          <form class="comment-form" onSubmit={submit}>
            <label class="field">
              <span>{say.printWhy}</span>
              <input
                data-test="print-purpose"
                maxLength={200}
                value={purpose}
                onInput={event => setPurpose(event.currentTarget.value)}
              />
            </label>
            <p class="quiet">{say.printNote}</p>
            <Refused failed={task.failed} message={task.message} />
            <div class="row">
              <button
                type="submit"
                class="button primary"
                data-test="print-now"
                disabled={task.busy || purpose.trim().length < 3}
              >
                {say.printNow}
              </button>
              <button type="button" class="button plain" onClick={() => dialog.current?.close()}>
                {say.cancel}
              </button>
            </div>
          </form>
        </dialog>
      ) : null}
    </>
  )
}
