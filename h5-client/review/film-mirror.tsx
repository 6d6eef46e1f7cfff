import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** The frame a film shows, once more: two stages on one clock need only one film to be decoded. */
export function FilmMirror({ video, url }: { video: RefObject<HTMLVideoElement | null>; url: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const film = video.current
    const mirror = canvas.current
    if (!film || !mirror) return
    const context = mirror.getContext('2d')
    const paint = () => {
      if (!context || film.videoWidth === 0) return
      if (mirror.width !== film.videoWidth) mirror.width = film.videoWidth
      if (mirror.height !== film.videoHeight) mirror.height = film.videoHeight
      context.drawImage(film, 0, 0)
    }
    const listening = new AbortController()
    for (const name of ['loadeddata', 'seeked', 'pause', 'timeupdate'])
      film.addEventListener(name, paint, { signal: listening.signal })
    let handle: number | undefined
    const follow = () => {
      paint()
      handle = film.requestVideoFrameCallback?.(follow)
    }
    follow()
    return () => {
      listening.abort()
      if (handle !== undefined) film.cancelVideoFrameCallback(handle)
    }
    // Another film needs another look at its element.
  }, [video, url])
  return <canvas ref={canvas} class="replay-video" data-test="film-mirror" />
}
