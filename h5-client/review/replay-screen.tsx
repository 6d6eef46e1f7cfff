import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { PUSH_REVIEW_EN } from '../shared/words/en/push-review.ts'
import { PUSH_REVIEW_ZH, type PushReviewWords } from '../shared/words/zh-CN/push-review.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { useSpeech } from './review-words.ts'

/** Further apart than this the screen's film is put where the clock is. */
const DRIFT_S = 0.25

export function usePushReviewWords(): PushReviewWords {
  return useSpeech().language === 'zh-CN' ? PUSH_REVIEW_ZH : PUSH_REVIEW_EN
}

/** What the agent shared at that moment: a silent film that follows the clock of the replay. */
export function ReplayScreen({ url, player }: { url: string | undefined; player: ReplayPlayer }) {
  const words = usePushReviewWords()
  const { atMs, playing, speed } = useStore(player.state)
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const film = video.current
    if (!film) return
    film.playbackRate = speed
    if (playing) void film.play().catch(() => undefined)
    else film.pause()
  }, [playing, speed])
  useEffect(() => {
    const film = video.current
    if (film && Math.abs(film.currentTime - atMs / 1000) > (playing ? DRIFT_S : 0.02)) film.currentTime = atMs / 1000
  }, [atMs, playing])
  if (url === undefined) return <p class="no-picture">{words.shareKept}</p>
  return (
    <video
      ref={video}
      class="replay-video"
      data-test="replay-screen"
      src={url}
      preload="auto"
      muted
      playsInline
      aria-label={words.shareShown}
    />
  )
}
