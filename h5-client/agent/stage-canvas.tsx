import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { clipped, type Rect, type Size, toUnit } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { withLocals } from './local-marks.ts'
import { TextEntry } from './text-entry.tsx'

type Props = {
  readonly call: JoinedCall
  readonly page: StagePage
  readonly image: HTMLImageElement
  /** Where the whole picture lies on the stage, in CSS pixels; looked at closely it is larger than the stage. */
  readonly rect: Rect
  /** Of the stage, in CSS pixels. */
  readonly size: Size
}

/** A frozen page with everybody's marks; draws where the pointer goes. */
export function StageCanvas({ call, page, image, rect, size }: Props) {
  const { desk, words } = useBench()
  const { drawing } = desk
  const { locals, tool } = useStore(drawing.state)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [writingAt, setWritingAt] = useState<readonly [number, number] | undefined>()
  const on = page.page.id

  // The canvas covers what is to be seen of the picture: however close one looks, it is never larger than the stage.
  const seen = useMemo(() => clipped(rect, size), [rect, size])
  const whole = useMemo(() => ({ ...rect, x: rect.x - seen.x, y: rect.y - seen.y }), [rect, seen])

  useLayoutEffect(() => {
    if (!canvas.current || whole.width === 0) return
    const context = fitCanvas(canvas.current, seen)
    context.drawImage(image, whole.x, whole.y, whole.width, whole.height)
    paintMarks(context, withLocals(page.marks, locals, on), whole)
  }, [image, whole, seen, page.marks, locals, on])

  const unit = (event: PointerEvent) => toUnit(whole, event.offsetX, event.offsetY)
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || tool === undefined) return
    // Keeps the focus where it is going (the text field) and the page from selecting or scrolling.
    event.preventDefault()
    if (tool === 'text') return setWritingAt(unit(event))
    canvas.current?.setPointerCapture(event.pointerId)
    drawing.begin(call.callId, on, unit(event))
  }
  const move = (event: PointerEvent) => {
    // All places since the last frame: a fast stroke stays round.
    const steps = event.getCoalescedEvents?.() ?? []
    for (const step of steps.length > 0 ? steps : [event]) drawing.move(unit(step))
  }
  const up = () => drawing.end()

  return (
    <>
      <canvas
        ref={canvas}
        class={tool ? `stage-canvas drawing ${tool}` : 'stage-canvas'}
        data-test="stage-canvas"
        style={{ left: `${seen.x}px`, top: `${seen.y}px`, width: `${seen.width}px`, height: `${seen.height}px` }}
        data-snapshot={on}
        data-marks={page.marks.length}
        aria-label={words.stage.page('')}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
      />
      {writingAt ? (
        <TextEntry
          at={writingAt}
          rect={rect}
          onDone={text => {
            setWritingAt(undefined)
            if (text !== undefined) drawing.place(call.callId, on, writingAt, text)
          }}
        />
      ) : null}
    </>
  )
}
