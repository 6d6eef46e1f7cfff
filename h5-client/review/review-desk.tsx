import { useStore } from '../shared/console/use-store.ts'
import { CallList } from './call-list.tsx'
import type { DeskOfRecords } from './desk-of-records.ts'
import { OpenRecord } from './open-record.tsx'
import { ReasonForm } from './reason-form.tsx'
import { useSpeech } from './review-words.ts'

type Props = {
  readonly desk: DeskOfRecords
  readonly name: string
  readonly onLanguage: () => void
  readonly onSignOut: () => void
}

export function ReviewDesk({ desk, name, onLanguage, onSignOut }: Props) {
  const { words } = useSpeech()
  const list = useStore(desk.list)
  const forbidden = list.kind === 'failed' && list.code === 'forbidden'
  return (
    <div class="review">
      <header class="review-head">
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          {words.common.product}
        </p>
        <h1>{words.signInTitle}</h1>
        <span class="push" />
        <span class="who">{name}</span>
        <button type="button" class="button plain" onClick={onLanguage}>
          {words.common.switchLanguage}
        </button>
        <button type="button" class="button plain" data-test="sign-out" onClick={onSignOut}>
          {words.common.signOut}
        </button>
      </header>
      {forbidden ? (
        <main class="page-state">
          <div role="alert" data-test="forbidden">
            <h1>{words.forbidden}</h1>
            <p>{words.forbiddenNote}</p>
          </div>
        </main>
      ) : (
        <div class="review-columns">
          <CallList desk={desk} />
          <RecordPlace desk={desk} />
        </div>
      )}
    </div>
  )
}

function RecordPlace({ desk }: { desk: DeskOfRecords }) {
  const { words } = useSpeech()
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
      return <OpenRecord key={state.row.callId} desk={desk} state={state} />
  }
}
