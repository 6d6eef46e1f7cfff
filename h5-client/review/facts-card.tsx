import { CopyButton } from '../shared/console/copy-button.tsx'
import { clockText } from '../shared/console/durations.ts'
import { ShowNumbers } from './numbers.tsx'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** As the server masks numbers. */
const masked = (number: string) => /[*•]/.test(number)

export function FactsCard({ state, desk }: RecordProps) {
  const { words, time } = useSpeech()
  const { record } = state.opened
  const { reference } = state.row
  return (
    <section class="card">
      <h2>{words.call}</h2>
      <dl class="facts">
        <dt>{words.callId}</dt>
        <dd class="with-copy">
          <code>{record.callId}</code>
          <CopyButton text={record.callId} words={words.common} label={words.copyId} small />
        </dd>
        <dt>{words.caller}</dt>
        <dd data-test="caller-number">
          {state.numbers?.from ?? record.from}
          {state.numbers || !masked(record.from) ? null : <ShowNumbers desk={desk} />}
        </dd>
        <dt>{words.called}</dt>
        <dd>{state.numbers?.to ?? record.to}</dd>
        <dt>{words.agent}</dt>
        <dd>{record.agent.name}</dd>
        <dt>{words.answeredAt}</dt>
        <dd>{time(record.answeredAt)}</dd>
        <dt>{words.duration}</dt>
        <dd>{clockText(record.durationMs)}</dd>
        {reference ? (
          <>
            <dt>{words.work.reference}</dt>
            <dd>{reference}</dd>
          </>
        ) : null}
        {record.external ? (
          <>
            <dt>{words.external.number}</dt>
            <dd data-test="external-id" data-voice={record.external.voice}>
              {record.external.system} <code>{record.external.id}</code>
            </dd>
            <dt>{words.external.voice}</dt>
            <dd>{record.external.voice === 'recorded' ? words.external.withVoice : words.external.noVoice}</dd>
          </>
        ) : null}
        <dt>{words.ended}</dt>
        <dd>{words.common.ends[record.end.cause]}</dd>
      </dl>
    </section>
  )
}
