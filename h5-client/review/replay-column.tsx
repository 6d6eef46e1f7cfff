import { useStore } from '../shared/console/use-store.ts'
import { PlayBar } from './play-bar.tsx'
import type { ReplayProps } from './record-props.ts'
import { ReplayStages } from './replay-stages.tsx'
import { useSpeech } from './review-words.ts'
import { Timeline } from './timeline.tsx'
import { useTimelineSpans } from './use-timeline-spans.ts'
import { ViewBar } from './view-bar.tsx'
import { Waveforms } from './waveforms.tsx'

/** Centre: voices above, pictures and stages below, everything on one clock. */
export function ReplayColumn(props: ReplayProps) {
  const { words } = useSpeech()
  const { player } = props
  const { failed } = useStore(player.state)
  const spans = useTimelineSpans(props)
  const { replay, muxState } = props.state.opened
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
      <ViewBar {...props} />
      <ReplayStages {...props} spans={spans} />
      <Timeline {...props} spans={spans} />
      <PlayBar {...props} />
    </main>
  )
}
