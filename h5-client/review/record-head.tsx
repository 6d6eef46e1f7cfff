import { clockText } from '../shared/console/durations.ts'
import { RECORD_TOOLS } from './record-panels.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { ToList } from './to-list.tsx'
import { VerdictChip } from './verdict-chip.tsx'

/** Above the replay, always in sight: which call this is, whether it can be trusted, and what can be done with it. */
export function RecordHead(props: RecordProps) {
  const { words, time } = useSpeech()
  const { row, opened, numbers } = props.state
  return (
    <div class="record-head">
      <ToList {...props} />
      <VerdictChip state={props.state} />
      <p class="cut">
        <strong>{numbers?.from ?? row.from}</strong> · {row.agent.name} · {time(row.answeredAt)} ·{' '}
        {clockText(row.durationMs)}
      </p>
      {row.flags.length > 0 ? (
        <ul class="chips">
          {row.flags.map(flag => (
            <li key={flag} class={`chip flag ${flag}`}>
              {words.work.flags[flag]}
            </li>
          ))}
        </ul>
      ) : null}
      <span class="push" />
      {opened.grantedUntil ? <p class="quiet granted">{words.work.expires(time(opened.grantedUntil))}</p> : null}
      <div class="record-tools">
        {RECORD_TOOLS.filter(one => one.needs === undefined || props.rights.includes(one.needs)).map(
          ({ id, component: Tool }) => (
            <Tool key={id} {...props} />
          ),
        )}
      </div>
    </div>
  )
}
