import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import { usePicture } from '../shared/console/use-picture.ts'
import { useSize } from '../shared/console/use-size.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Size } from '../shared/picture-rect.ts'
import { ReplayCard } from './replay-card.tsx'
import type { Moment, ReplayIndex } from './replay-index.ts'
import { ReplayLiveMarks } from './replay-live.tsx'
import type { ReplayPlayer } from './replay-player.ts'
import { ReplayPointer } from './replay-pointer.tsx'
import { ReplayScreen } from './replay-screen.tsx'
import { fileAddress, type OpenedRecord } from './review-api.ts'
import { useSpeech } from './review-words.ts'

type Props = { readonly opened: OpenedRecord; readonly index: ReplayIndex; readonly player: ReplayPlayer }

/** What both sides looked at, at the moment of the clock. */
export function ReplayStage({ opened, index, player }: Props) {
  const { words } = useSpeech()
  const { atMs } = useStore(player.state)
  const box = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const size = useSize(box)
  const moment = index.at(atMs)
  const page = shownPage(moment.stage)
  const url = opened.replay?.url
  const { callId } = opened.record

  useEffect(() => {
    if (!video.current || url === undefined) return
    player.attach(video.current)
    video.current.src = url
    return () => player.detach()
  }, [player, url])

  return (
    <div class="replay-stage" ref={box} data-test="replay-stage" data-showing={page ? 'page' : 'live'}>
      {url === undefined ? null : (
        // The film runs on under a frozen page: it is the clock and the sound.
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
      {page?.page.kind === 'card' ? <ReplayCard card={page.page.card} phone={page.phone} /> : null}
      {moment.stage.showing === 'share' ? <ReplayScreen url={opened.replay?.screenUrl} player={player} /> : null}
      {page && page.page.kind !== 'card' ? (
        <ReplayPage
          key={page.page.id}
          page={page}
          address={fileAddress(callId, page.picture?.file ?? '')}
          size={size}
          index={index}
          atMs={atMs}
        />
      ) : null}
      {moment.stage.showing === 'live' && url !== undefined && moment.stage.live.marks.length > 0 ? (
        <ReplayLiveMarks ink={moment.stage.live} video={video} size={size} />
      ) : null}
      {page || moment.stage.showing === 'share' ? null : <NoPicture moment={moment} />}
      <Captions moment={moment} page={page} />
    </div>
  )
}

type PageProps = {
  readonly page: StagePage
  readonly address: string
  readonly size: Size
  readonly index: ReplayIndex
  readonly atMs: number
}

function ReplayPage({ page, address, size, index, atMs }: PageProps) {
  const { words } = useSpeech()
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = usePicture(address)
  const rect = useMemo(
    () => containRect(size, { width: page.picture?.widthPx ?? 0, height: page.picture?.heightPx ?? 0 }),
    [size, page.picture],
  )
  useLayoutEffect(() => {
    if (!canvas.current || picture.kind !== 'ready' || rect.width === 0) return
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    const context = fitCanvas(canvas.current, whole)
    context.drawImage(picture.image, 0, 0, whole.width, whole.height)
    paintMarks(context, page.marks, whole)
  }, [picture, rect, page.marks])
  return (
    <div class="replay-page">
      {picture.kind === 'ready' ? (
        <canvas
          ref={canvas}
          data-test="replay-canvas"
          data-snapshot={page.page.id}
          data-marks={page.marks.length}
          aria-label={words.showingPage('')}
          style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
        />
      ) : (
        <p>{picture.kind === 'failed' ? words.pictureFailed : words.loadingPicture}</p>
      )}
      {picture.kind === 'ready' ? <ReplayPointer index={index} atMs={atMs} on={page.page.id} rect={rect} /> : null}
    </div>
  )
}

/** The film keeps the last frame when the camera stops; a reviewer must not take it for a live one. */
function NoPicture({ moment }: { moment: Moment }) {
  const { words } = useSpeech()
  const { camera, trouble } = moment
  if (camera === 'live') return null
  const why = camera === 'none' && trouble ? words.cameraFailed(words.common.troubles[trouble]) : words.camera[camera]
  return (
    <p class="no-picture" data-test="replay-camera" data-state={camera}>
      {why}
    </p>
  )
}

function Captions({ moment, page }: { moment: Moment; page: StagePage | undefined }) {
  const { words, number } = useSpeech()
  const pageNumber = page ? moment.stage.pages.indexOf(page) + 1 : 0
  const lines = [
    page ? words.showingPage(number(pageNumber)) : moment.camera === 'live' ? words.showingLive : undefined,
    moment.held ? words.held : undefined,
    moment.agentAway ? words.agentAway : undefined,
    moment.voiceLost ? words.voiceLost : undefined,
  ].filter(line => line !== undefined)
  return (
    <ul class="captions">
      {lines.map(line => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
