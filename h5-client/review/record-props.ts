import type { RecordState } from './desk-of-records.ts'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import type { ReplayView } from './replay-view.ts'
import type { SectionProps } from './sections.ts'

/** What every card and tool of an open record is given. */
export type RecordProps = SectionProps & {
  readonly state: Extract<RecordState, { kind: 'open' }>
  readonly index: ReplayIndex
  readonly player: ReplayPlayer
  readonly view: ReplayView
}
