import { Loading, Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'
import { allAssignments, setAssignment } from './work-api.ts'
import { WorkTable } from './work-table.tsx'

/** Everybody's work. */
export function LeadAssignments(props: SectionProps) {
  const { desk } = props
  const { words } = useSpeech()
  const { state, again } = useLoaded(desk, allAssignments)
  const task = useTask(desk)
  return (
    <>
      <Refused failed={task.failed} message={task.message} />
      <Loading state={state} again={again} waiting={words.work.loadingWork}>
        {items => (
          <WorkTable
            {...props}
            people
            items={items}
            empty={words.work.lead.noAssignments}
            actions={item =>
              item.state === 'open' || item.state === 'in-work' ? (
                <button
                  type="button"
                  class="button small"
                  disabled={task.busy}
                  onClick={async () => {
                    if (await task.run(() => setAssignment(item.assignmentId, 'withdrawn'))) again()
                  }}
                >
                  {words.work.lead.withdraw}
                </button>
              ) : null
            }
          />
        )}
      </Loading>
    </>
  )
}
