import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { Mark } from '../../signaling/protocol/mark.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { Surface } from '../../signaling/protocol/stage.ts'
import { usePicture } from '../shared/console/use-picture.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Size } from '../shared/picture-rect.ts'
import type { ReplayIndex } from './replay-index.ts'
import { ReplayPointer } from './replay-pointer.tsx'
import { useSpeech } from './review-words.ts'

type Props = {
  readonly on: Surface
  readonly picture: Picture | undefined
  readonly marks: readonly Mark[]
  readonly address: string
  readonly label: string
  readonly test: string
  readonly size: Size
  readonly index: ReplayIndex
  readonly atMs: number
}

/** A picture on a stage with the marks of that moment. */
export function ReplayPage({ on, picture: about, marks, address, label, test, size, index, atMs }: Props) {
  const { words } = useSpeech()
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = usePicture(address)
  const rect = useMemo(
    () => containRect(size, { width: about?.widthPx ?? 0, height: about?.heightPx ?? 0 }),
    [size, about],
  )
  useLayoutEffect(() => {
    if (!canvas.current || picture.kind !== 'ready' || rect.width === 0) return
    const whole = { x: 0, y: 0, width: rect.width, height: rect.height }
    const context = fitCanvas(canvas.current, whole)
    context.drawImage(picture.image, 0, 0, whole.width, whole.height)
    paintMarks(context, marks, whole)
  }, [picture, rect, marks])
  return (
    <div class="replay-page">
      {picture.kind === 'ready' ? (
        <canvas
          ref={canvas}
          data-test={test}
          data-snapshot={on}
          data-marks={marks.length}
          role="img"
          aria-label={label}
          style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
        />
      ) : (
        <p>{picture.kind === 'failed' ? words.pictureFailed : words.loadingPicture}</p>
      )}
      {picture.kind === 'ready' ? <ReplayPointer index={index} atMs={atMs} on={on} rect={rect} /> : null}
    </div>
  )
}
