import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { reasonOf } from './reason-of.ts'

/** What did not work, and why, in words. Stays until read away or tried again. */
export function FailureList() {
  const { desk, words } = useBench()
  const failed = { ...words.failed, ...words.wb.failed, ...words.capture.failed }
  const { failures } = useStore(desk.tasks.state)
  return (
    <div class="failures" role="alert" data-test="failures">
      {failures.map(failure => {
        const reason = reasonOf(failure.error)
        const why = typeof reason === 'string' ? words.common.refusals[reason] : words.mic[reason.microphone]
        return (
          <div key={failure.id} class="failure" data-task={failure.task}>
            <Icon name="warn" />
            <span>
              <strong>{failed[failure.task]}</strong>
              <span class="failure-why">{why}</span>
            </span>
            <button type="button" class="button icon-only" onClick={() => desk.tasks.dismiss(failure.id)}>
              <Icon name="cross" />
              <span class="sr-only">{words.common.close}</span>
            </button>
          </div>
        )
      })}
    </div>
  )
}
