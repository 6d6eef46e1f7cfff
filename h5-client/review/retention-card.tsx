import { useEffect, useState } from 'preact/hooks'
import type { RecordRetention } from '../../signaling/protocol/retention.ts'
import { getJson } from '../shared/http.ts'
import type { RecordProps } from './record-props.ts'
import { decisionText, useRetentionSpeech } from './retention-words.ts'

/** On an opened record: its class, how long it is kept and why, and who holds it. */
export function RetentionCard({ state }: RecordProps) {
  const speech = useRetentionSpeech()
  const { say, time, language } = speech
  const { callId } = state.row
  const [found, setFound] = useState<RecordRetention | undefined>()
  useEffect(() => {
    let mine = true
    getJson<RecordRetention>(`/api/review/calls/${callId}/retention`).then(
      answer => mine && setFound(answer),
      // The card says nothing when nothing is known; the record itself is not in doubt.
      () => {},
    )
    return () => {
      mine = false
    }
  }, [callId])
  if (!found) return null
  return (
    <section class="card" data-test="retention-card">
      <h2>{say.card}</h2>
      <dl class="facts">
        <dt>{say.className}</dt>
        <dd>{found.title?.[language] ?? found.retentionClass ?? say.noClass}</dd>
        <dt>{say.why}</dt>
        <dd>{decisionText(speech, found.decision)}</dd>
        {found.holds.length > 0 ? <dt>{say.held}</dt> : null}
        {found.holds.map(hold => (
          <dd key={hold.holdId}>
            {hold.caseReference} · {say.setBy(hold.by, time(hold.since))}
          </dd>
        ))}
      </dl>
    </section>
  )
}
