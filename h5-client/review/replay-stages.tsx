import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { FilmMirror } from './film-mirror.tsx'
import { PictureDesk } from './picture-desk.tsx'
import type { ReplayProps } from './record-props.ts'
import { ReplayStage } from './replay-stage.tsx'
import { useSpeech } from './review-words.ts'
import { agentSight, callerSight } from './sights.ts'
import { type TimelineSpan, troublesAt } from './timeline-spans.ts'
import { Watermark } from './watermark.tsx'

/** The stage as the agent saw it and as the caller saw it, on one film. */
export function ReplayStages(props: ReplayProps & { readonly spans: readonly TimelineSpan[] }) {
  const { state, index, player, view, spans } = props
  const { opened } = state
  const { words } = useSpeech()
  const { atMs } = useStore(player.state)
  const { mode } = useStore(view.state)
  const video = useRef<HTMLVideoElement>(null)
  const url = opened.replay?.url
  useEffect(() => {
    if (!video.current || url === undefined) return
    player.attach(video.current)
    video.current.src = url
    return () => player.detach()
  }, [player, url])
  const moment = index.at(atMs)
  const sights = { agent: agentSight(moment), caller: callerSight(moment) }
  const common = { troubles: troublesAt(spans, atMs), moment, opened, index, player, atMs, video }
  const first = mode === 'caller' ? 'caller' : 'agent'
  return (
    <div class="stages" data-mode={mode} data-test="stages">
      <ReplayStage
        {...common}
        side={first}
        sight={sights[first]}
        other={sights[first === 'agent' ? 'caller' : 'agent']}
      >
        {url === undefined ? null : (
          // biome-ignore lint/a11y/useMediaCaption: a recorded call has no captions
          <video
            ref={video}
            class="replay-video"
            data-test="replay-video"
            preload="auto"
            playsInline
            aria-label={words.replayColumn}
          />
        )}
      </ReplayStage>
      {mode === 'both' ? (
        <ReplayStage {...common} side="caller" sight={sights.caller} other={sights.agent}>
          {url === undefined ? null : <FilmMirror video={video} url={url} />}
        </ReplayStage>
      ) : null}
      {mode === 'pictures' ? <PictureDesk {...props} /> : null}
      <Watermark name={props.name} lines={opened.watermark.lines} />
    </div>
  )
}
