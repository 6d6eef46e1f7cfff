import { useState } from 'preact/hooks'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { useTask } from './use-task.ts'

/** Numbers are masked until somebody says why the whole is needed. */
export function ShowNumbers({ desk }: Pick<RecordProps, 'desk'>) {
  const { words } = useSpeech()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const task = useTask(desk)
  const submit = (event: Event) => {
    event.preventDefault()
    void task.run(() => desk.unmask(reason.trim()))
  }
  if (!asking)
    return (
      <button type="button" class="button small" data-test="show-numbers" onClick={() => setAsking(true)}>
        {words.work.showNumbers}
      </button>
    )
  return (
    <form class="comment-form" onSubmit={submit}>
      <label class="field">
        <span>{words.work.whyNumbers}</span>
        <input
          data-test="numbers-reason"
          minLength={3}
          maxLength={300}
          value={reason}
          onInput={event => setReason(event.currentTarget.value)}
        />
      </label>
      <p class="quiet">{words.work.numbersNote}</p>
      <Refused failed={task.failed} message={task.message} />
      <div class="row">
        <button
          type="submit"
          class="button primary"
          data-test="numbers-show"
          disabled={task.busy || reason.trim().length < 3}
        >
          {words.work.show}
        </button>
        <button type="button" class="button plain" onClick={() => setAsking(false)}>
          {words.work.cancel}
        </button>
      </div>
    </form>
  )
}
