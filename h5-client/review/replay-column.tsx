import { useStore } from '../shared/console/use-store.ts'
import { PlayBar } from './play-bar.tsx'
import { RECORD_TOOLS } from './record-panels.ts'
import type { RecordProps } from './record-props.ts'
import { ReplayStage } from './replay-stage.tsx'
import { useSpeech } from './review-words.ts'
import { Timeline } from './timeline.tsx'
import { Waveforms } from './waveforms.tsx'

/** Centre: voices above, picture and stage below, everything on one clock. */
export function ReplayColumn(props: RecordProps) {
  const { index, player } = props
  const { opened } = props.state
  const { words } = useSpeech()
  const { failed } = useStore(player.state)
  const { replay, muxState } = opened
  return (
    <main class="replay-column" aria-label={words.replayColumn}>
      <div class="record-tools">
        {RECORD_TOOLS.filter(one => one.needs === undefined || props.rights.includes(one.needs)).map(
          ({ id, component: Tool }) => (
            <Tool key={id} {...props} />
          ),
        )}
      </div>
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
