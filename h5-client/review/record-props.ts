import type { OpenedRecord } from '../../signaling/protocol/review.ts'
import type { RecordState } from './desk-of-records.ts'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import type { ReplayView } from './replay-view.ts'
import type { SectionProps } from './sections.ts'

/** What a replay needs, with a server behind it or without one. */
export type ReplayProps = {
  /** Who looks. */
  readonly name: string
  readonly state: {
    readonly opened: Pick<OpenedRecord, 'record' | 'replay' | 'muxState' | 'watermark'> & {
      readonly work: Pick<OpenedRecord['work'], 'comments'>
    }
  }
  readonly index: ReplayIndex
  readonly player: ReplayPlayer
  readonly view: ReplayView
}

/** What every card and tool of an open record is given. */
export type RecordProps = SectionProps & ReplayProps & { readonly state: Extract<RecordState, { kind: 'open' }> }
