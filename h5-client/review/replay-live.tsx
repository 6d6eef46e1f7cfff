import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Ink } from '../../signaling/protocol/ink.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { recordedMarks } from '../shared/live/placed-marks.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Size } from '../shared/picture-rect.ts'

type Props = { readonly ink: Ink; readonly video: RefObject<HTMLVideoElement | null>; readonly size: Size }

/** Over the film, while the moving picture is on the stage. */
export function ReplayLiveMarks({ ink, video, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const film = useFilmSize(video)
  const marks = useMemo(() => recordedMarks(ink), [ink])
  const rect = useMemo(() => containRect(size, film), [size, film])
  useLayoutEffect(() => {
    if (!canvas.current || rect.width === 0) return
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    paintMarks(fitCanvas(canvas.current, whole), marks, whole)
  }, [marks, rect])
  return (
    <canvas
      ref={canvas}
      class="replay-live"
      data-test="replay-live"
      data-marks={marks.length}
      style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
    />
  )
}

function useFilmSize(video: RefObject<HTMLVideoElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useEffect(() => {
    const element = video.current
    if (!element) return
    const measure = () => setSize({ width: element.videoWidth, height: element.videoHeight })
    measure()
    element.addEventListener('resize', measure)
    element.addEventListener('loadedmetadata', measure)
    return () => {
      element.removeEventListener('resize', measure)
      element.removeEventListener('loadedmetadata', measure)
    }
  }, [video])
  return size
}
