import { useEffect, useMemo } from 'preact/hooks'
import type { DeskOfRecords, RecordState } from './desk-of-records.ts'
import { RecordColumn } from './record-column.tsx'
import { ReplayColumn } from './replay-column.tsx'
import { ReplayIndex } from './replay-index.ts'
import { ReplayPlayer } from './replay-player.ts'
import { useReplayKeys } from './use-replay-keys.ts'

type Props = { readonly desk: DeskOfRecords; readonly state: Extract<RecordState, { kind: 'open' }> }

export function OpenRecord({ desk, state }: Props) {
  const { opened } = state
  const index = useMemo(() => new ReplayIndex(opened.entries), [opened.entries])
  const durationMs = opened.record.durationMs
  const player = useMemo(() => new ReplayPlayer(durationMs), [durationMs])
  useEffect(() => () => player.detach(), [player])
  useReplayKeys(player, index)
  return (
    <div class="record-place open">
      <ReplayColumn opened={opened} index={index} player={player} />
      <RecordColumn desk={desk} state={state} index={index} player={player} />
    </div>
  )
}
