import { useEffect, useMemo } from 'preact/hooks'
import type { RecordState } from './desk-of-records.ts'
import { RecordColumn } from './record-column.tsx'
import { ReplayColumn } from './replay-column.tsx'
import { ReplayIndex } from './replay-index.ts'
import { ReplayPlayer } from './replay-player.ts'
import type { SectionProps } from './sections.ts'
import { useReplayKeys } from './use-replay-keys.ts'

type Props = SectionProps & { readonly state: Extract<RecordState, { kind: 'open' }> }

export function OpenRecord(props: Props) {
  const { opened } = props.state
  const index = useMemo(() => new ReplayIndex(opened.entries), [opened.entries])
  const durationMs = opened.record.durationMs
  const player = useMemo(() => new ReplayPlayer(durationMs), [durationMs])
  useEffect(() => () => player.detach(), [player])
  useReplayKeys(player, index)
  return (
    <div class="record-place open">
      <ReplayColumn {...props} index={index} player={player} />
      <RecordColumn {...props} index={index} player={player} />
    </div>
  )
}
