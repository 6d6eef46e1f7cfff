import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { liveCall } from './desk-state.ts'
import { usePushWords } from './push-words.ts'

/** The agent's screen or window on the caller's phone, one way. */
export function PushShare() {
  const {
    desk,
    words: { control },
  } = useBench()
  const words = usePushWords()
  const { screen, busy } = useStore(desk.push.state)
  const call = liveCall(useStore(desk.state))
  const held = call !== undefined && isOnHold(call.view)
  const can = typeof navigator.mediaDevices?.getDisplayMedia === 'function'
  return (
    <div class="pd-form">
      {screen ? (
        <>
          <p class={held ? 'pd-live held' : 'pd-live'} role="status" data-test="share-state">
            <span class="dot" aria-hidden="true" />
            {held ? control.shareHeld : words.sharing}
          </p>
          <SharedScreen />
          <button
            type="button"
            class="button stop large wide"
            data-test="share-stop"
            onClick={() => void desk.push.stopShare()}
          >
            <Icon name="cross" />
            {words.stopShare}
          </button>
        </>
      ) : (
        <>
          <p class="quiet">{can ? words.shareNote : words.noShare}</p>
          <button
            type="button"
            class="button primary large wide"
            data-test="share-start"
            disabled={!can || busy !== undefined}
            onClick={() => void desk.push.share()}
          >
            {busy === 'share' ? words.choosing : words.startShare}
          </button>
        </>
      )}
    </div>
  )
}

/** What is sent, as it is captured on this side. */
export function SharedScreen({ stage = false }: { stage?: boolean }) {
  const { desk } = useBench()
  const words = usePushWords()
  const { screen } = useStore(desk.push.state)
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = screen ?? null
  }, [screen])
  return (
    <video
      ref={video}
      class={stage ? 'stage-video' : 'pd-screen'}
      data-test={stage ? 'stage-share' : 'share-preview'}
      autoplay
      muted
      playsInline
      aria-label={words.sharePreview}
    />
  )
}
