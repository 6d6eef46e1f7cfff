import { useState } from 'preact/hooks'
import { Loading, Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'
import { myWork, setAssignment } from './work-api.ts'
import { WorkTable } from './work-table.tsx'

/** What is assigned to the person who looks, with what is due first. */
export function WorkSection(props: SectionProps) {
  const { desk } = props
  const { words } = useSpeech()
  const say = words.work
  const [done, setDone] = useState(false)
  const { state, again } = useLoaded(desk, myWork)
  const task = useTask(desk)
  return (
    <main class="room" data-test="my-work">
      <div class="row between">
        <h2>{say.myWork}</h2>
        <label class="check">
          <input type="checkbox" checked={done} onChange={event => setDone(event.currentTarget.checked)} />
          {say.showDone}
        </label>
      </div>
      <Refused failed={task.failed} message={task.message} />
      <Loading state={state} again={again} waiting={say.loadingWork}>
        {items => (
          <WorkTable
            {...props}
            items={items.filter(one => done || one.state === 'open' || one.state === 'in-work')}
            empty={say.noWork}
            actions={item =>
              item.state === 'open' || item.state === 'in-work' ? (
                <button
                  type="button"
                  class="button small"
                  data-test="work-next"
                  disabled={task.busy}
                  onClick={async () => {
                    const next = item.state === 'open' ? 'in-work' : 'done'
                    if (await task.run(() => setAssignment(item.assignmentId, next))) again()
                  }}
                >
                  {item.state === 'open' ? say.begin : say.done}
                </button>
              ) : null
            }
          />
        )}
      </Loading>
    </main>
  )
}
