import { useStore } from '../shared/console/use-store.ts'
import { PlayBar } from './play-bar.tsx'
import type { ReplayIndex } from './replay-index.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { ReplayStage } from './replay-stage.tsx'
import type { OpenedRecord } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import { Timeline } from './timeline.tsx'
import { Waveforms } from './waveforms.tsx'

type Props = { readonly opened: OpenedRecord; readonly index: ReplayIndex; readonly player: ReplayPlayer }

/** Centre: voices above, picture and stage below, everything on one clock. */
export function ReplayColumn({ opened, index, player }: Props) {
  const { words } = useSpeech()
  const { failed } = useStore(player.state)
  const { replay, muxState } = opened
  return (
    <main class="replay-column" aria-label={words.replayColumn}>
      {replay ? (
        <Waveforms url={replay.peaksUrl} player={player} />
      ) : (
        <p
          class={muxState === 'mux-failed' ? 'notice danger' : 'notice'}
          role="status"
          data-test="mux-state"
          data-state={muxState}
        >
          {muxState === 'mux-failed' ? words.muxFailed : words.muxing}
        </p>
      )}
      {failed ? (
        <p class="notice danger" role="alert">
          {words.replayFailed}
        </p>
      ) : null}
      <ReplayStage opened={opened} index={index} player={player} />
      <Timeline index={index} player={player} />
      <PlayBar player={player} playable={replay !== null} />
    </main>
  )
}
