import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type BenchWords, useBench } from './bench.ts'
import { reasonOf } from './reason-of.ts'
import type { Task } from './task-board.ts'

/** What did not work, and why, in words. Stays until read away or tried again. */
export function FailureList() {
  const { desk, words } = useBench()
  const failed = { ...words.failed, ...words.wb.failed, ...words.capture.failed, ...words.control.failed }
  const { failures } = useStore(desk.tasks.state)
  return (
    <div class="failures" role="alert" data-test="failures">
      {failures.map(failure => {
        const reason = reasonOf(failure.error)
        const why = typeof reason === 'string' ? whyOf(failure.task, reason, words) : words.mic[reason.microphone]
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

function whyOf(task: Task, code: Exclude<ReturnType<typeof reasonOf>, object>, words: BenchWords): string {
  const own: Readonly<Partial<Record<string, string>>> = task in words.control.failed ? words.control.why : {}
  return own[code] ?? words.common.refusals[code]
}
