import { useEffect, useState } from 'preact/hooks'
import type { ChecklistItemResult, Evidence, QualityFinding, RecordQuality } from '../../signaling/protocol/quality.ts'
import { QUALITY_ANSWERS, type QualityAnswer, type ServiceState } from '../../signaling/protocol/quality-kinds.ts'
import { placeText } from '../shared/console/durations.ts'
import { getJson, postJson } from '../shared/http.ts'
import { QUALITY_EN } from '../shared/words/en/quality.ts'
import { QUALITY_ZH, type QualityWords } from '../shared/words/zh-CN/quality.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

const POLL_MS = 3_000
const SHOWN_PLACES = 8

/** What rules, checklists and (when configured) services found in the record; everything leads to its moment. */
export function QualityCard({ state, player }: RecordProps) {
  const { language, number } = useSpeech()
  const say = language === 'en' ? QUALITY_EN : QUALITY_ZH
  const [quality, setQuality] = useState<RecordQuality | undefined>()
  const [failed, setFailed] = useState(false)
  const path = `/api/review/calls/${state.row.callId}/quality`
  const busy = quality?.state === 'waiting' || quality?.state === 'running'
  const take = (answer: Promise<RecordQuality>) =>
    answer.then(
      now => {
        setQuality(now)
        setFailed(false)
      },
      () => setFailed(true),
    )
  useEffect(() => {
    void take(getJson<RecordQuality>(path))
  }, [path])
  useEffect(() => {
    if (!busy) return
    const timer = setInterval(() => void take(getJson<RecordQuality>(path)), POLL_MS)
    return () => clearInterval(timer)
  }, [path, busy])
  if (!quality) return null
  const { report, transcript } = quality
  const places = (evidence: readonly Evidence[]) =>
    evidence.slice(0, SHOWN_PLACES).map((one, n) => (
      <button key={`${one.atMs} ${n}`} type="button" class="chip" onClick={() => player.seek(one.atMs)}>
        {placeText(one.atMs)}
      </button>
    ))
  const answer = (checklistId: string, itemId: string, given: QualityAnswer) =>
    void take(postJson<RecordQuality>(`${path}/answers`, { checklistId, itemId, answer: given, note: '' }))
  return (
    <section class="card" data-test="quality">
      <h2>{say.title}</h2>
      {report || busy ? null : <p class="quiet">{quality.state === 'failed' ? say.failed : say.none}</p>}
      {busy ? <p role="status">{quality.state === 'waiting' ? say.waiting : say.running}</p> : null}
      {report?.findings.length === 0 ? <p>{say.clean}</p> : null}
      <ul class="problems" data-test="quality-findings">
        {report?.findings.toSorted(bySeverity).map(one => (
          <li key={one.ruleId}>
            <strong>{say.severities[one.severity]}</strong> {one.title[language]}
            {one.measured !== undefined && one.limit !== undefined ? ` · ${amount(one, say, number)}` : ''}
            {one.certainty === 'estimate' ? ` · ${say.estimate}` : ''} {places(one.evidence)}
          </li>
        ))}
      </ul>
      {report && report.undecided.length > 0 ? (
        <p class="quiet">
          {say.undecided}
          {say.colon}
          {report.undecided.map(one => `${one.title[language]} ${say.aside(say.why[one.why])}`).join(' · ')}
        </p>
      ) : null}
      {report?.checklists.map(list => {
        const score = quality.scores.find(one => one.checklistId === list.checklistId)
        return (
          <div key={list.checklistId} data-test="quality-checklist">
            <h3>{list.title[language]}</h3>
            {score ? <p>{say.points(number(score.earned), number(score.possible), number(score.open))}</p> : null}
            <ul class="checklist">
              {list.items.map(item => {
                const person = quality.answers.find(
                  one => one.checklistId === list.checklistId && one.itemId === item.itemId,
                )
                return (
                  <li key={item.itemId}>
                    {item.title[language]}
                    {say.colon}
                    <strong>{say.answers[item.answer]}</strong> {say.aside(byText(item, say))} {places(item.evidence)}
                    {item.quote !== undefined ? <q>{item.quote}</q> : null}
                    {person ? <em> {`${say.answers[person.answer]} · ${say.person(person.by)}`}</em> : null}{' '}
                    <span class="row">
                      {QUALITY_ANSWERS.map(one => (
                        <button
                          key={one}
                          type="button"
                          class="chip"
                          aria-pressed={person?.answer === one ? 'true' : undefined}
                          onClick={() => answer(list.checklistId, item.itemId, one)}
                        >
                          {say.answers[one]}
                        </button>
                      ))}
                    </span>
                  </li>
                )
              })}
            </ul>
          </div>
        )
      })}
      {transcript ? (
        <details data-test="quality-transcript">
          <summary>{say.transcript}</summary>
          {transcript.segments.map((one, n) => (
            <p key={`${one.fromMs} ${n}`}>
              <button type="button" class="chip" onClick={() => player.seek(one.fromMs)}>
                {placeText(one.fromMs)}
              </button>{' '}
              <strong>{say[one.party]}</strong> {one.text}
            </p>
          ))}
        </details>
      ) : null}
      <dl class="facts">
        <dt>{say.speechToText}</dt>
        <dd>{serviceText(quality.configured.speechToText, report?.services.speechToText, say)}</dd>
        <dt>{say.languageModel}</dt>
        <dd>{serviceText(quality.configured.languageModel, report?.services.languageModel, say)}</dd>
      </dl>
      {report && report.rules.version !== quality.rulesVersion ? <p class="quiet">{say.newerRules}</p> : null}
      {failed ? (
        <p class="notice danger" role="alert">
          {say.failed}
        </p>
      ) : null}
      <div class="row between">
        <p class="quiet">{report ? `${say.rules(report.rules.version)} · ${report.engine}` : ''}</p>
        <button
          type="button"
          class="button"
          data-test="quality-run"
          disabled={busy}
          onClick={() => void take(postJson<RecordQuality>(`${path}/run`, { reason: say.reason }))}
        >
          {say.again}
        </button>
      </div>
    </section>
  )
}

const ORDER: readonly QualityFinding['severity'][] = ['critical', 'major', 'minor', 'info']

function bySeverity(a: QualityFinding, b: QualityFinding): number {
  return ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)
}

function amount(one: QualityFinding, say: QualityWords, number: (value: number) => string): string {
  const [measured, limit] = [one.measured ?? 0, one.limit ?? 0]
  const text = (value: number) => {
    if (one.unit === 'share') return `${number(Math.round(value * 1000) / 10)} %`
    if (one.unit === 'per-minute') return say.perMinute(number(value))
    return say.seconds(number(Math.round(value / 100) / 10))
  }
  return say.limit(text(measured), text(limit))
}

function byText(item: ChecklistItemResult, say: QualityWords): string {
  const { by, why, certainty } = item
  return [say.by[by], certainty === 'estimate' ? say.estimate : '', why ? say.why[why] : '']
    .filter(Boolean)
    .join(say.comma)
}

type Use = {
  state: ServiceState
  host?: string | undefined
  modelAsked?: string | undefined
  modelAnswered?: string | undefined
}

function serviceText(configured: boolean, use: Use | undefined, say: QualityWords): string {
  if (!use || (!configured && use.state === 'not-configured'))
    return say.services[configured ? 'nothing-to-ask' : 'not-configured']
  return [say.services[use.state], use.modelAnswered ?? use.modelAsked, use.host].filter(Boolean).join(' · ')
}
