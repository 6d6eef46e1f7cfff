import { useMemo } from 'preact/hooks'
import { clockText, placeText } from '../shared/console/durations.ts'
import { entryWords, isDetail, participantNames } from '../shared/console/entry-words.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { problemText } from './verdict-card.tsx'

/** The record on paper: verdict, facts, consents, events, comments, scores; who printed it stands on every page. */
export function PrintSheet({ state, index, name }: RecordProps) {
  const speech = useSpeech()
  const { words, time, number } = speech
  const { opened, numbers } = state
  const { record, verdict, work } = opened
  const names = useMemo(() => participantNames(index.entries, words.common), [index, words])
  const printed = words.work.printedBy(name, time(new Date().toISOString()))
  const facts: readonly (readonly [string, string])[] = [
    [words.callId, record.callId],
    [words.caller, numbers?.from ?? record.from],
    [words.called, numbers?.to ?? record.to],
    [words.agent, record.agent.name],
    [words.answeredAt, time(record.answeredAt)],
    [words.duration, clockText(record.durationMs)],
    [words.ended, words.common.ends[record.end.cause]],
    [words.verdict.sealedAt, verdict?.sealedAt ? time(verdict.sealedAt) : words.verdict.notSealed],
    [words.verdict.keyId, verdict?.keyId ?? words.verdict.notSealed],
  ]
  return (
    <div class="print-sheet" data-test="print-sheet">
      <p class="print-foot">{printed}</p>
      <h1>{words.work.printTitle}</h1>
      <p>
        <strong>
          {verdict ? (verdict.intact ? words.verdict.intact : words.verdict.broken) : words.verdict.checking}
        </strong>
      </p>
      <ul>
        {(verdict?.problems ?? []).map((problem, at) => (
          <li key={at}>{problemText(problem, speech)}</li>
        ))}
      </ul>
      <table class="table">
        <tbody>
          {facts.map(([what, value]) => (
            <tr key={what}>
              <th>{what}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{words.events}</h2>
      <table class="table">
        <tbody>
          {index.entries
            .filter(entry => !isDetail(entry))
            .map(entry => (
              <tr key={entry.seq}>
                <td>{placeText(entry.atMs)}</td>
                <td>{entryWords(entry, words.common, names)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {work.comments.length > 0 ? <h2>{words.work.comments}</h2> : null}
      <table class="table">
        <tbody>
          {work.comments.map(one => (
            <tr key={one.commentId}>
              <td>{one.atMs === null ? words.work.whole : placeText(one.atMs)}</td>
              <td>{one.text}</td>
              <td>
                {one.author.name} · {time(one.at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {work.scores.length > 0 ? <h2>{words.work.scores}</h2> : null}
      <ul>
        {work.scores.map(({ scoreId, reviewer, state: stage, result }) => (
          <li key={scoreId}>
            {reviewer.name} · {result.total === null ? words.work.noTotal : words.work.total100(number(result.total))} ·{' '}
            {words.work[stage]}
          </li>
        ))}
      </ul>
    </div>
  )
}
