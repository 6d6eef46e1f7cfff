import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { RECORD_TOOLS } from './record-panels.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** Above the replay, always in sight: which call this is, whether it can be trusted, and what can be done with it. */
export function RecordHead(props: RecordProps) {
  const { words, time } = useSpeech()
  const { row, opened } = props.state
  const { verdict } = opened
  const intact = verdict.intact
  return (
    <div class="record-head">
      <p class={intact ? 'verdict-chip intact' : 'verdict-chip broken'} data-test="verdict-chip" data-intact={intact}>
        <Icon name={intact ? 'check' : 'warn'} />
        {intact ? words.verdict.intactShort : words.verdict.brokenShort}
      </p>
      <p class="cut">
        <strong>{row.from}</strong> · {row.agent.name} · {time(row.answeredAt)} · {clockText(row.durationMs)}
      </p>
      <span class="push" />
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
