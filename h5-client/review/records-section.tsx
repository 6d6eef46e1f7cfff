import { useStore } from '../shared/console/use-store.ts'
import { CallList } from './call-list.tsx'
import { OpenRecord } from './open-record.tsx'
import { ReasonForm } from './reason-form.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'

/** Finding a record, saying why, and the record itself. */
export function RecordsSection(props: SectionProps) {
  return (
    <div class="review-columns">
      <CallList {...props} />
      <RecordPlace {...props} />
    </div>
  )
}

function RecordPlace(props: SectionProps) {
  const { words } = useSpeech()
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
          <ReasonForm key={state.row.callId} desk={desk} state={state} />
        </main>
      )
    case 'open':
      return <OpenRecord key={state.row.callId} {...props} state={state} />
  }
}
