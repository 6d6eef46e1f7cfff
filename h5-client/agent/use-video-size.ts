import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Size } from '../shared/picture-rect.ts'

/** The encoded size of what a video element plays; undefined before the first frame. A turned phone changes it. */
export function useVideoSize(
  video: RefObject<HTMLVideoElement | null>,
  stream: MediaStream | undefined,
): Size | undefined {
  const [size, setSize] = useState<Size | undefined>()
  useEffect(() => {
    const element = video.current
    if (!element || !stream) {
      setSize(undefined)
      return
    }
    const measure = () => {
      const { videoWidth: width, videoHeight: height } = element
      if (width > 0)
        setSize(former => (former?.width === width && former.height === height ? former : { width, height }))
    }
    measure()
    element.addEventListener('resize', measure)
    element.addEventListener('loadedmetadata', measure)
    return () => {
      element.removeEventListener('resize', measure)
      element.removeEventListener('loadedmetadata', measure)
    }
  }, [video, stream])
  return size
}
