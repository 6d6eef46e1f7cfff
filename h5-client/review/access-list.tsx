import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** Who has looked at this record before, and why. The newest on top. */
export function AccessCard({ state }: RecordProps) {
  const { words, time } = useSpeech()
  const access = state.opened.access ?? []
  if (access.length === 0) return null
  return (
    <section class="card">
      <h2>{words.access}</h2>
      <ul class="people" data-test="access-log">
        {[...access].reverse().map((one, index) => (
          <li key={`${one.at}-${index}`}>
            <span>
              {one.userName} {words.auditActions[one.action] ?? one.action}
              {one.detail ? ` · ${one.detail}` : ''}
              <br />
              <time class="quiet">{time(one.at)}</time>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
