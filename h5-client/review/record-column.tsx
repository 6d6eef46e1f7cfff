import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { clockText } from '../shared/console/durations.ts'
import { AccessList } from './access-list.tsx'
import type { DeskOfRecords, RecordState } from './desk-of-records.ts'
import { EventList } from './event-list.tsx'
import { PageText } from './page-text.tsx'
import { PeopleCard } from './people-card.tsx'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { useSpeech } from './review-words.ts'
import { TrackCard } from './track-card.tsx'
import { VerdictCard } from './verdict-card.tsx'

type Props = {
  readonly desk: DeskOfRecords
  readonly state: Extract<RecordState, { kind: 'open' }>
  readonly index: ReplayIndex
  readonly player: ReplayPlayer
}

/** Right: the record. Whether it can be trusted comes first. */
export function RecordColumn({ desk, state, index, player }: Props) {
  const { words } = useSpeech()
  const { record, access } = state.opened
  return (
    <aside class="record-column" aria-label={words.recordColumn}>
      <VerdictCard desk={desk} state={state} />
      <PageText index={index} player={player} />
      <EventList index={index} player={player} />
      <FactsCard record={record} />
      <PeopleCard record={record} entries={index.entries} />
      <TrackCard record={record} />
      {access && access.length > 0 ? <AccessList access={access} /> : null}
    </aside>
  )
}

function FactsCard({ record }: { record: SealedManifest }) {
  const { words, time } = useSpeech()
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
