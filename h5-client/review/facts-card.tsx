import { CopyButton } from '../shared/console/copy-button.tsx'
import { clockText } from '../shared/console/durations.ts'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

export function FactsCard({ state }: RecordProps) {
  const { words, time } = useSpeech()
  const { record } = state.opened
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
        <dd>{record.from}</dd>
        <dt>{words.called}</dt>
        <dd>{record.to}</dd>
        <dt>{words.agent}</dt>
        <dd>{record.agent.name}</dd>
        <dt>{words.answeredAt}</dt>
        <dd>{time(record.answeredAt)}</dd>
        <dt>{words.duration}</dt>
        <dd>{clockText(record.durationMs)}</dd>
        <dt>{words.ended}</dt>
        <dd>{words.common.ends[record.end.cause]}</dd>
      </dl>
    </section>
  )
}
