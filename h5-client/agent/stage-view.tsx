import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { usePicture } from '../shared/console/use-picture.ts'
import { useSize } from '../shared/console/use-size.ts'
import { useStore } from '../shared/console/use-store.ts'
import { containRect } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { isOpen } from './invite-steps.ts'
import { pictureAddress } from './picture-address.ts'
import { StageCanvas } from './stage-canvas.tsx'

/** The live picture or a frozen page, as large as the window allows. */
export function StageView({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { picture: stream } = useStore(desk.media.state)
  const { busy } = useStore(desk.tasks.state)
  const [tries, setTries] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const size = useSize(box)
  const page = call ? shownPage(call.stage) : undefined
  const image = usePicture(call && page ? pictureAddress(call.callId, page.page.id) : undefined, tries)
  const still = page !== undefined || busy.has('freeze')
  const rect = useMemo(
    () => containRect(size, { width: page?.picture?.widthPx ?? 0, height: page?.picture?.heightPx ?? 0 }),
    [size, page?.picture],
  )
  const showsPage = page !== undefined && image.kind === 'ready'

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
    <div class={call ? 'stage' : 'stage idle'} ref={box} data-test="stage">
      <video
        ref={video}
        class="stage-video"
        data-test="remote-video"
        hidden={!stream || showsPage}
        autoplay
        muted
        playsInline
        aria-label={words.stage.live}
      />
      {call && page && image.kind === 'ready' ? (
        <StageCanvas call={call} page={page} image={image.image} rect={rect} size={size} />
      ) : null}
      {page && image.kind === 'failed' ? (
        <div class="stage-words" role="alert">
          <p>{words.stage.loadFailed}</p>
          <button type="button" class="button" onClick={() => setTries(tries + 1)}>
            {words.common.retry}
          </button>
        </div>
      ) : null}
      {page && image.kind === 'loading' && !stream ? <p class="stage-words">{words.stage.loading}</p> : null}
      {!page ? <StageWords call={call} hasPicture={stream !== undefined} /> : null}
    </div>
  )
}

/** Why there is no picture, or none that moves. */
function StageWords({ call, hasPicture }: { call: JoinedCall | undefined; hasPicture: boolean }) {
  const { desk, words } = useBench()
  const ended = useStore(desk.state).joined?.view.phase === 'ended'
  if (!call) return <p class="stage-words quiet">{ended ? words.stage.ended : words.stage.idle}</p>
  const { camera, invite } = call.view
  if (camera === 'live' && hasPicture) return null
  if (camera === 'none') {
    const invited = isOpen(invite)
    return (
      <div class="stage-words" role="status">
        <p>{invited ? words.stage.invited : words.stage.noPicture}</p>
        {invited ? null : <p class="quiet">{words.stage.noPictureNote}</p>}
      </div>
    )
  }
  const text = words.camera[camera === 'live' ? 'starting' : camera]
  const amber = camera === 'interrupted'
  return (
    <p
      class={hasPicture ? 'stage-words over' : 'stage-words'}
      role="status"
      data-test="camera-state"
      data-state={camera}
    >
      <span class={amber ? 'amber' : undefined}>{text}</span>
    </p>
  )
}
