import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import { pictureAddress, scanAddress } from '../agent/picture-address.ts'
import { usePicture } from '../shared/console/use-picture.ts'
import { useSize } from '../shared/console/use-size.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { withLocals } from '../shared/ink/local-ink.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Size, toUnit } from '../shared/picture-rect.ts'
import type { WatchDesk, WatchedCall } from './watch-desk.ts'
import { cameraWords, useSpeech } from './watch-words.ts'
import { WatchedLiveMarks } from './watched-live.tsx'

type Props = { readonly desk: WatchDesk; readonly call: WatchedCall }

/** What both sides of the call look at. */
export function WatchedStage({ desk, call }: Props) {
  const { words } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const size = useSize(box)
  const camera = useStore(desk.media.picture)
  const screen = useStore(desk.media.screen)
  const isShare = call.stage.showing === 'share'
  const picture = isShare ? screen : camera
  const page = shownPage(call.stage)
  useEffect(() => {
    if (!video.current) return
    video.current.srcObject = picture ?? null
    if (picture) void video.current.play().catch(() => undefined)
  }, [picture])
  const isLive = page === undefined
  // A network without video: the newest still stands for it.
  const scan = isLive && !isShare && call.view.rung !== 'live' ? call.stage.scan : undefined
  return (
    <div
      class="watched"
      ref={box}
      data-test="watched-stage"
      data-showing={isShare ? 'share' : isLive ? 'live' : page.page.kind}
    >
      <video
        ref={video}
        data-test="watched-video"
        playsInline
        muted
        autoplay
        hidden={!isLive || !picture || scan !== undefined}
      />
      {scan ? (
        <img
          class="watched-scan"
          data-test="watched-scan"
          src={scanAddress(call.callId, scan.sha256)}
          alt={words.live}
        />
      ) : null}
      {isLive && !picture && !scan ? (
        <p class="page-state">
          {isShare || call.view.camera === 'live' ? words.waitingPicture : cameraWords(call.view, words)}
        </p>
      ) : null}
      {isLive && !isShare && !scan && picture && call.stage.live.marks.length > 0 ? (
        <WatchedLiveMarks ink={call.stage.live} video={video} size={size} />
      ) : null}
      {page ? <WatchedPage key={page.page.id} desk={desk} call={call} page={page} size={size} /> : null}
    </div>
  )
}

function WatchedPage({ desk, call, page, size }: Props & { page: StagePage; size: Size }) {
  const { words } = useSpeech()
  const canvas = useRef<HTMLCanvasElement>(null)
  const { locals } = useStore(desk.drawing.state)
  const on = page.page.id
  const address = page.picture && pictureAddress(call.callId, on, page.pictures.length - 1)
  const image = usePicture(address)
  const rect = useMemo(
    () => containRect(size, { width: page.picture?.widthPx ?? 0, height: page.picture?.heightPx ?? 0 }),
    [size, page.picture],
  )
  useLayoutEffect(() => {
    if (!canvas.current || image.kind !== 'ready' || rect.width === 0) return
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    const context = fitCanvas(canvas.current, whole)
    context.drawImage(image.image, 0, 0, whole.width, whole.height)
    paintMarks(context, withLocals(page.marks, locals, on), whole)
  }, [image, rect, page.marks, locals, on])
  if (page.page.kind === 'card') {
    const { card } = page.page
    return (
      <div class="watched-card" data-test="watched-card">
        <h2>{card.title}</h2>
        {card.kind === 'link' ? (
          <p>{card.host}</p>
        ) : (
          card.rows.map(row => <p key={row.label}>{`${row.label} ${row.value}`}</p>)
        )}
      </div>
    )
  }
  const place = (event: PointerEvent) => toUnit({ ...rect, x: 0, y: 0 }, event.offsetX, event.offsetY)
  return (
    <canvas
      ref={canvas}
      class={call.mayDraw ? 'watched-page drawing' : 'watched-page'}
      data-test="watched-page"
      data-marks={page.marks.length}
      aria-label={words.page('')}
      style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
      onPointerDown={event => {
        if (!call.mayDraw || event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        desk.drawing.begin({ callId: call.callId, on, ink: page.ink, size: rect }, place(event))
      }}
      onPointerMove={event => desk.drawing.move(place(event))}
      onPointerUp={() => desk.drawing.end()}
      onPointerCancel={() => desk.drawing.end()}
    />
  )
}
