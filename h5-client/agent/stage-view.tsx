import { useEffect, useMemo, useRef } from 'preact/hooks'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { usePicture } from '../shared/console/use-picture.ts'
import { useSize } from '../shared/console/use-size.ts'
import { useStore } from '../shared/console/use-store.ts'
import { containRect, type Size } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import { CardOnStage } from './card-on-stage.tsx'
import { CodeOutlines } from './code-outlines.tsx'
import type { JoinedCall } from './desk-state.ts'
import { FocusLayer } from './focus-layer.tsx'
import { LiveCanvas } from './live-canvas.tsx'
import { scanAddress } from './picture-address.ts'
import { PictureBar } from './picture-bar.tsx'
import { SharedScreen } from './push-share.tsx'
import { RegionLayer } from './region-layer.tsx'
import { StageCanvas } from './stage-canvas.tsx'
import { StageWords } from './stage-words.tsx'
import { usePan } from './use-pan.ts'
import { useShownPicture } from './use-shown-picture.ts'
import { useVideoSize } from './use-video-size.ts'
import { zoomedRect } from './zoom.ts'

const NOTHING: Size = { width: 0, height: 0 }

/** The live picture, a still of the slow scan, or a page, as large as the window allows and as close as wanted. */
export function StageView({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { picture: stream } = useStore(desk.media.state)
  const { busy } = useStore(desk.tasks.state)
  const look = useStore(desk.look.state)
  const box = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const size = useSize(box)
  const page = call ? shownPage(call.stage) : undefined
  const { state, image, retry } = useShownPicture(call, page, look.picture)
  const onLive = call?.stage.showing === 'live'
  const scan = useScan(onLive && call && call.view.rung !== 'live' ? call : undefined)
  const sharing = call?.stage.showing === 'share'
  const shut = onLive && call?.view.capture?.shutter !== undefined
  const still = page !== undefined || busy.has('freeze')
  const covered = image !== undefined || scan !== undefined || page?.page.kind === 'card' || sharing
  const frame = useVideoSize(video, stream)
  const natural = useMemo(() => (image ? { width: image.naturalWidth, height: image.naturalHeight } : NOTHING), [image])
  const rect = useMemo(() => zoomedRect(size, natural, look.zoom), [size, natural, look.zoom])
  usePan(box, image !== undefined, size, natural)

  useEffect(() => {
    if (video.current) video.current.srcObject = stream ?? null
  }, [stream])
  useEffect(() => {
    // The frame under the finger stands still at once; the frozen picture takes its place when it is here.
    if (!video.current || !stream) return
    if (still) video.current.pause()
    else video.current.play().catch(() => undefined)
  }, [still, stream])

  return (
    <div class={call ? 'stage' : 'stage idle'} ref={box} data-test="stage" data-mode={look.mode}>
      <video
        ref={video}
        class="stage-video"
        data-test="remote-video"
        hidden={!stream || covered || shut}
        autoplay
        muted
        playsInline
        aria-label={words.stage.live}
      />
      {scan && !shut ? (
        <img class="stage-video" data-test="scan-still" src={scan} alt={words.wb.rungs['slow-scan']} />
      ) : null}
      {call && page && image ? (
        <>
          <StageCanvas call={call} page={page} image={image} rect={rect} size={size} />
          <RegionLayer page={page} rect={rect} size={size} />
          <PictureBar page={page} size={size} picture={natural} />
        </>
      ) : null}
      {sharing ? <SharedScreen stage /> : null}
      {call && sharing && isOnHold(call.view) ? (
        <p class="stage-words over" role="status" data-test="share-held">
          <span>{words.control.shareHeld}</span>
        </p>
      ) : null}
      {page?.page.kind === 'card' ? <CardOnStage card={page.page.card} /> : null}
      {page && state.kind === 'failed' && page.page.kind !== 'card' ? (
        <div class="stage-words" role="alert">
          <p>{words.stage.loadFailed}</p>
          <button type="button" class="button" onClick={retry}>
            {words.common.retry}
          </button>
        </div>
      ) : null}
      {page && !image && state.kind === 'loading' && page.page.kind !== 'card' && !stream ? (
        <p class="stage-words">{words.stage.loading}</p>
      ) : null}
      {call && onLive && frame && !shut ? (
        <>
          <LiveCanvas call={call} video={video} rect={containRect(size, frame)} />
          <CodeOutlines call={call} video={video} rect={containRect(size, frame)} />
          <FocusLayer rect={containRect(size, frame)} />
        </>
      ) : null}
      {shut ? (
        <p class="stage-words shut" role="status" data-test="stage-shut">
          {words.capture.stage}
        </p>
      ) : null}
      {!page && !scan && !sharing && !shut ? <StageWords call={call} hasPicture={stream !== undefined} /> : null}
    </div>
  )
}

/** The address of the newest still that is here; the one before stays until then. */
function useScan(call: JoinedCall | undefined): string | undefined {
  const newest = call?.stage.scan && scanAddress(call.callId, call.stage.scan.sha256)
  const state = usePicture(newest)
  const former = useRef<string | undefined>(undefined)
  if (!call) former.current = undefined
  else if (state.kind === 'ready' && newest !== undefined) former.current = newest
  return former.current
}
