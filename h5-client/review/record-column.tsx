import { RECORD_PANELS } from './record-panels.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { VerdictCard } from './verdict-card.tsx'

/** Right: the record. Whether it can be trusted comes first, and stays in sight. */
export function RecordColumn(props: RecordProps) {
  const { words } = useSpeech()
  return (
    <aside class="record-column" aria-label={words.recordColumn}>
      <VerdictCard desk={props.desk} state={props.state} />
      {RECORD_PANELS.filter(one => one.needs === undefined || props.rights.includes(one.needs)).map(
        ({ id, component: Panel }) => (
          <Panel key={id} {...props} />
        ),
      )}
    </aside>
  )
}
