import { useState } from 'preact/hooks'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { useTask } from './use-task.ts'
import { addTag, removeTag } from './work-api.ts'

/** Words that colleagues hang on a record, to find it again. */
export function TagsCard({ desk, state }: RecordProps) {
  const { words } = useSpeech()
  const [tag, setTag] = useState('')
  const task = useTask(desk)
  const { callId } = state.row
  const { tags } = state.opened.work
  const add = async (event: Event) => {
    event.preventDefault()
    const told = await task.run(async () => {
      const now = await addTag(callId, tag.trim())
      desk.setWork(callId, work => ({ ...work, tags: now }))
    })
    if (told) setTag('')
  }
  const remove = (name: string) =>
    task.run(async () => {
      const now = await removeTag(callId, name)
      desk.setWork(callId, work => ({ ...work, tags: now }))
    })
  return (
    <section class="card" data-test="tags">
      <h2>{words.work.tags}</h2>
      {tags.length === 0 ? <p class="quiet">{words.work.noTags}</p> : null}
      <ul class="chips">
        {tags.map(one => (
          <li key={one.tag} class="chip tag">
            {one.tag}
            <button type="button" aria-label={words.work.removeTag(one.tag)} onClick={() => void remove(one.tag)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={add}>
        <input
          data-test="tag-text"
          maxLength={40}
          pattern="[^,]+"
          aria-label={words.work.addTag}
          placeholder={words.work.addTag}
          value={tag}
          onInput={event => setTag(event.currentTarget.value)}
        />
        <button type="submit" class="button" data-test="tag-add" disabled={task.busy || tag.trim() === ''}>
          {words.work.save}
        </button>
      </form>
      <Refused failed={task.failed} message={task.message} />
    </section>
  )
}
