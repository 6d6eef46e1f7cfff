import { useEffect, useMemo } from 'preact/hooks'
import type { RecordState } from './desk-of-records.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { PrintSheet } from './print-sheet.tsx'
import { RecordColumn } from './record-column.tsx'
import { RecordHead } from './record-head.tsx'
import { ReplayColumn } from './replay-column.tsx'
import { ReplayIndex } from './replay-index.ts'
import { ReplayPlayer } from './replay-player.ts'
import { ReplayView } from './replay-view.ts'
import type { SectionProps } from './sections.ts'
import { useArrival } from './use-arrival.ts'
import { useReplayKeys } from './use-replay-keys.ts'
import { useSeekLog } from './use-seek-log.ts'

type Props = SectionProps & { readonly state: Extract<RecordState, { kind: 'open' }> }

export function OpenRecord(props: Props) {
  const { opened } = props.state
  const index = useMemo(() => new ReplayIndex(opened.entries), [opened.entries])
  const durationMs = opened.record.durationMs
  const player = useMemo(() => new ReplayPlayer(durationMs), [durationMs])
  const view = useMemo(() => new ReplayView(), [])
  useEffect(() => () => player.detach(), [player])
  const all = { ...props, index, player, view }
  useSeekLog(player, props.state.row.callId)
  useArrival(player, props.routes)
  useReplayKeys(all)
  return (
    <div class="record-place open">
      <RecordHead {...all} />
      <ReplayColumn {...all} />
      <RecordColumn {...all} />
      <KeysDialog view={view} />
      <PrintSheet {...all} />
    </div>
  )
}
