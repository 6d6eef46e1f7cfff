import { useEffect, useMemo } from 'preact/hooks'
import type { RecordState } from './desk-of-records.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { RecordColumn } from './record-column.tsx'
import { RecordHead } from './record-head.tsx'
import { ReplayColumn } from './replay-column.tsx'
import { ReplayIndex } from './replay-index.ts'
import { ReplayPlayer } from './replay-player.ts'
import { ReplayView } from './replay-view.ts'
import type { SectionProps } from './sections.ts'
import { useReplayKeys } from './use-replay-keys.ts'

type Props = SectionProps & { readonly state: Extract<RecordState, { kind: 'open' }> }

export function OpenRecord(props: Props) {
  const { opened } = props.state
  const index = useMemo(() => new ReplayIndex(opened.entries), [opened.entries])
  const durationMs = opened.record.durationMs
  const player = useMemo(() => new ReplayPlayer(durationMs), [durationMs])
  const view = useMemo(() => new ReplayView(), [])
  const comment = useMemo(() => () => undefined, [])
  useEffect(() => () => player.detach(), [player])
  const all = { ...props, index, player, view, comment }
  useReplayKeys(all)
  return (
    <div class="record-place open">
      <RecordHead {...all} />
      <ReplayColumn {...all} />
      <RecordColumn {...all} />
      <KeysDialog view={view} />
    </div>
  )
}
