import { useStore } from '../shared/console/use-store.ts'
import { AssignForm } from './assign-form.tsx'
import { CallList } from './call-list.tsx'
import { ClosedRecord } from './closed-record.tsx'
import { closedWordsIn } from './closed-words.ts'
import { OpenRecord } from './open-record.tsx'
import { ReasonForm } from './reason-form.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { ToList } from './to-list.tsx'

/** Finding a record, saying why, and the record itself. */
export function RecordsSection(props: SectionProps) {
  const { kind } = useStore(props.desk.record)
  return (
    <div class="review-columns" data-chosen={kind === 'none' ? undefined : 'yes'}>
      <CallList {...props} />
      <RecordPlace {...props} />
    </div>
  )
}

function RecordPlace(props: SectionProps) {
  const { words, language } = useSpeech()
  const { desk } = props
  const state = useStore(desk.record)
  switch (state.kind) {
    case 'none':
      return (
        <main class="record-place page-state">
          <div>
            <h2>{words.chooseTitle}</h2>
            <p class="quiet">{words.chooseNote}</p>
          </div>
        </main>
      )
    case 'asking':
    case 'opening':
      return (
        <main class="record-place page-state">
          <div class="choosing">
            <ToList {...props} />
            <ReasonForm key={state.row.callId} desk={desk} state={state} />
            {props.rights.includes('lead') ? (
              <details class="card" data-test="assign-unopened" key={`assign-${state.row.callId}`}>
                <summary>{closedWordsIn(language).assignTitle}</summary>
                <AssignForm desk={desk} callId={state.row.callId} />
              </details>
            ) : null}
          </div>
        </main>
      )
    case 'closed':
      return (
        <main class="record-place page-state">
          <ClosedRecord key={state.row.callId} {...props} state={state} />
        </main>
      )
    case 'open':
      return <OpenRecord key={state.row.callId} {...props} state={state} />
  }
}
