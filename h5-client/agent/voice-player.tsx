import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'

/** Plays the caller's voice. A browser may hold sound back after a reload until the person has clicked. */
export function VoicePlayer() {
  const { desk, words } = useBench()
  const { voice } = useStore(desk.media.state)
  const audio = useRef<HTMLAudioElement>(null)
  const [blocked, setBlocked] = useState(false)

  const play = () => {
    audio.current?.play().then(
      () => setBlocked(false),
      (error: unknown) => setBlocked(error instanceof Error && error.name === 'NotAllowedError'),
    )
  }
  useEffect(() => {
    if (!audio.current) return
    audio.current.srcObject = voice ?? null
    if (voice) play()
    else setBlocked(false)
  }, [voice])

  return (
    <>
      {/* The caller's live voice: there is no text of it to show. */}
      {/* biome-ignore lint/a11y/useMediaCaption: a live telephone voice has no captions */}
      <audio ref={audio} autoplay hidden data-test="remote-audio" />
      {blocked ? (
        <div class="sound-blocked" role="alertdialog" aria-label={words.soundBlocked}>
          <button type="button" class="button primary large" data-test="unblock-sound" onClick={play}>
            <Icon name="play" />
            {words.soundBlockedAct}
          </button>
          <p>{words.soundBlocked}</p>
        </div>
      ) : null}
    </>
  )
}
