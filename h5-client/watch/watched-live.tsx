import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Ink, visibleInk } from '../../signaling/protocol/ink.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { type LiveMark, LiveTracking, placedMarks, type TrackingWorker } from '../shared/live/live-tracking.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Size } from '../shared/picture-rect.ts'

/** Filled in by the build: where the bundles of the workers lie. */
declare const TONGPING_WORKERS: { readonly tracking: string }

type Props = { readonly ink: Ink; readonly video: RefObject<HTMLVideoElement | null>; readonly size: Size }

/** Marks on the moving picture for those who look on: found in their own frames, like everywhere. */
export function WatchedLiveMarks({ ink, video, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const tracking = useRef<LiveTracking | undefined>(undefined)
  const [painted, setPainted] = useState(0)
  const marks = useMemo(
    () => visibleInk(ink).flatMap((one): LiveMark[] => (one.anchor ? [{ mark: one.mark, anchor: one.anchor }] : [])),
    [ink],
  )
  useEffect(() => {
    if (!video.current) return
    const made = new LiveTracking({
      video: video.current,
      newWorker: () => new Worker(TONGPING_WORKERS.tracking) as TrackingWorker,
      onPoses: () => setPainted(count => count + 1),
    })
    tracking.current = made
    return () => made.close()
  }, [video])
  useEffect(() => tracking.current?.follow(ink), [ink])
  const { videoWidth = 0, videoHeight = 0 } = video.current ?? {}
  const rect = containRect(size, { width: videoWidth, height: videoHeight })
  useLayoutEffect(() => {
    if (!canvas.current || rect.width === 0) return
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    const { seen, unseen } = placedMarks(marks, anchor => tracking.current?.poseOf(anchor))
    canvas.current.dataset.unseen = String(unseen)
    paintMarks(fitCanvas(canvas.current, whole), seen, whole)
  }, [marks, painted, rect.width, rect.height])
  return (
    <canvas
      ref={canvas}
      class="watched-live"
      data-test="watched-live"
      data-marks={marks.length}
      style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
    />
  )
}
