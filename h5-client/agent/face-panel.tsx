import { useState } from 'preact/hooks'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { FaceComparison } from '../../signaling/protocol/reading.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { ConsentGate } from './consent-gate.tsx'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { pageTitle } from './page-title.ts'

/** The portrait on a document beside the live face: a hint for a person, with its limits said beside it. */
export function FacePanel({ call }: { call: JoinedCall }) {
  const { words } = useBench()
  return (
    <article class="card face" aria-label={words.wb.face}>
      <div class="card-head">
        <h2>{words.wb.face}</h2>
      </div>
      <ConsentGate call={call} kind="face">
        <Compare call={call} />
      </ConsentGate>
    </article>
  )
}

function Compare({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  // What we pushed ourselves shows nobody's face.
  const pages = call.stage.pages.filter(one => ['camera', 'photo', 'upload'].includes(one.page.kind))
  const ofDocument = call.assist.documents.at(-1)?.result.pageId ?? pages[0]?.page.id
  const shown = shownPage(call.stage)?.page.id
  const ofFace = pages.findLast(one => one.page.id !== ofDocument && (shown === ofDocument || one.page.id === shown))
  const [document, setDocument] = useState<PageId | undefined>()
  const [face, setFace] = useState<PageId | undefined>()
  const documentId = document ?? ofDocument
  const faceId = face ?? ofFace?.page.id ?? pages.findLast(one => one.page.id !== documentId)?.page.id
  const running = busy.has('compare-faces')
  const outcome = call.assist.faces.at(-1)?.result
  if (pages.length < 2) return <p class="quiet">{words.wb.faceHow}</p>
  const choice = (label: string, value: PageId | undefined, choose: (id: PageId) => void, name: string) => (
    <label class="inline-field">
      <span>{label}</span>
      <select data-test={name} value={value} onChange={event => choose(event.currentTarget.value as PageId)}>
        {pages.map(one => (
          <option key={one.page.id} value={one.page.id}>
            {pageTitle(one.page, call.stage.pages.indexOf(one), words)}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <div class="row wrap-row">
        {choice(words.wb.faceDocument, documentId, setDocument, 'face-document')}
        {choice(words.wb.faceLive, faceId, setFace, 'face-live')}
        <button
          type="button"
          class="button small"
          data-test="compare-faces"
          disabled={!live || running || !documentId || !faceId || documentId === faceId}
          onClick={() => documentId && faceId && void desk.assist.compareFaces(documentId, faceId)}
        >
          {running ? words.wb.comparing : words.wb.compareFaces}
        </button>
      </div>
      {outcome ? <FaceScore outcome={outcome} /> : null}
    </>
  )
}

function FaceScore({ outcome }: { outcome: FaceComparison }) {
  const { words, language } = useBench()
  const { score, threshold } = outcome
  const percent = (value: number) =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(value)
  if (outcome.outcome !== 'compared' || score === undefined) {
    return (
      <p class="amber" role="status" data-test="face-outcome" data-outcome={outcome.outcome}>
        {words.common.faceOutcomes[outcome.outcome]}
      </p>
    )
  }
  const above = score >= threshold
  return (
    <div class="face-score" data-test="face-outcome" data-outcome="compared" role="status">
      <strong class={above ? 'ok-text' : 'amber'}>{percent(score)}</strong>
      <p>{above ? words.wb.faceAbove(percent(threshold)) : words.wb.faceBelow(percent(threshold))}</p>
      <p class="quiet">{words.wb.faceLimits}</p>
    </div>
  )
}
