import { useState } from 'preact/hooks'
import type { DocumentKind } from '../../signaling/protocol/reading.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { useStore } from '../shared/console/use-store.ts'
import type { DocumentOutcome } from './assist-state.ts'
import { useBench } from './bench.ts'
import { ConsentGate } from './consent-gate.tsx'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { DOCUMENT_KINDS } from './document-kinds.ts'
import { pageLabel } from './page-title.ts'

/** A document on a page: its fields with what their check digits say, and the agent's own comparison. */
export function DocumentPanel({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { selection } = useStore(desk.look.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const [kind, setKind] = useState<DocumentKind>('cn-id-front')
  const shown = shownPage(call.stage)
  const page = shown?.picture ? shown : undefined
  const reading = call.assist.documents.findLast(one => !page || one.result.pageId === page.page.id)
  const running = busy.has('read-document')
  const read = () => {
    if (!page) return
    const region = selection?.pageId === page.page.id ? selection.region : undefined
    void desk.assist.readDocument(page.page.id, kind, region)
  }
  return (
    <article class="card document" aria-label={words.wb.document}>
      <div class="card-head">
        <h2>{words.wb.document}</h2>
      </div>
      <ConsentGate call={call} kind="document">
        <div class="row">
          <label class="grow">
            <span class="sr-only">{words.wb.documentKind}</span>
            <select
              class="slim"
              data-test="document-kind"
              value={kind}
              onChange={event => setKind(event.currentTarget.value as DocumentKind)}
            >
              {DOCUMENT_KINDS.map(one => (
                <option key={one} value={one}>
                  {words.wb.documents[one]}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            class="button small"
            data-test="read-document"
            disabled={!live || !page || running}
            title={page ? undefined : words.readingHint}
            onClick={read}
          >
            {running ? words.wb.readingDocument : words.wb.readDocument}
            <kbd>I</kbd>
          </button>
        </div>
        {reading ? <Fields call={call} reading={reading} live={live} /> : null}
      </ConsentGate>
    </article>
  )
}

const VERDICTS = ['matches', 'differs', 'unreadable'] as const

function Fields({ call, reading, live }: { call: JoinedCall; reading: DocumentOutcome; live: boolean }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { result, verdict } = reading
  if (result.fields.length === 0) return <p class="amber">{words.wb.noFields}</p>
  return (
    <div data-test="document" data-checks={result.checksPassed ? 'passed' : 'failed'}>
      <p class={result.checksPassed ? 'ok-text' : 'amber'} role="status">
        {words.wb.documents[result.kind]} · {pageLabel(call.stage, result.pageId, words)} ·{' '}
        {result.checksPassed ? words.wb.checksPassed : words.wb.checksFailed}
      </p>
      <dl class="fields">
        {result.fields.map(field => (
          <div key={field.name} data-check={field.check}>
            <dt>{words.wb.fields[field.name]}</dt>
            <dd class="wrap">{field.value}</dd>
            <span class="check-word">{words.wb.checks[field.check]}</span>
            <CopyButton text={field.value} words={words.common} label={words.common.copy} small />
          </div>
        ))}
      </dl>
      {result.masked ? <p class="quiet">{words.wb.masked}</p> : null}
      <fieldset class="verdicts" disabled={!live || busy.has('judge')}>
        <legend class="quiet">{words.wb.compare}</legend>
        {VERDICTS.map(one => (
          <button
            key={one}
            type="button"
            class={verdict === one ? 'button small pressed' : 'button small'}
            data-test={`judge-${one}`}
            aria-pressed={verdict === one}
            onClick={() => void desk.assist.judge(reading.seq, one)}
          >
            {words.common.verdicts[one]}
          </button>
        ))}
      </fieldset>
    </div>
  )
}
