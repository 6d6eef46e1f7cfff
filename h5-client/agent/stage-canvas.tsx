import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Mark } from '../../signaling/protocol/mark.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import type { Ground } from '../shared/ink/drawing.ts'
import { onePoint } from '../shared/ink/laser-pointer.ts'
import { withLocals } from '../shared/ink/local-ink.ts'
import { toolName } from '../shared/ink/tools.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { clipped, type Rect, type Size, toUnit } from '../shared/picture-rect.ts'
import { PointerLayer } from '../shared/pointer-layer.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { TextEntry } from './text-entry.tsx'
import { useTools } from './use-tools.ts'

type Props = {
  readonly call: JoinedCall
  readonly page: StagePage
  readonly image: HTMLImageElement
  /** Where the whole picture lies on the stage, in CSS pixels; looked at closely it is larger than the stage. */
  readonly rect: Rect
  /** Of the stage, in CSS pixels. */
  readonly size: Size
}
/** A text being typed; `mark` when an own one is rewritten. */
type Writing = { readonly at: readonly [number, number]; readonly mark?: Extract<Mark, { shape: 'text' }> }

/** A frozen page with everybody's marks; draws where the pointer goes. */
export function StageCanvas({ call, page, image, rect, size }: Props) {
  const { desk, words } = useBench()
  const { drawing } = desk
  const state = useStore(drawing.state)
  const tool = useTools().has('draw') ? state.tool : undefined
  const { locals } = state
  const canvas = useRef<HTMLCanvasElement>(null)
  const [writing, setWriting] = useState<Writing | undefined>()
  const on = page.page.id

  // The canvas covers what is to be seen of the picture: however close one looks, it is never larger than the stage.
  const seen = useMemo(() => clipped(rect, size), [rect, size])
  const whole = useMemo(() => ({ ...rect, x: rect.x - seen.x, y: rect.y - seen.y }), [rect, seen])
  const rewritten = writing?.mark?.id
  const pointers = usePointers(seen, whole, on)

  useLayoutEffect(() => {
    if (!canvas.current || whole.width === 0) return
    const context = fitCanvas(canvas.current, seen)
    context.drawImage(image, whole.x, whole.y, whole.width, whole.height)
    const marks = withLocals(page.marks, locals, on)
    paintMarks(context, rewritten ? marks.filter(mark => mark.id !== rewritten) : marks, whole)
  }, [image, whole, seen, page.marks, locals, on, rewritten])

  const ground: Ground = { callId: call.callId, on, ink: page.ink, size: whole }
  const unit = (event: MouseEvent) => toUnit(whole, event.offsetX, event.offsetY)
  const write = (at: readonly [number, number], own = drawing.textAt(ground, at)) => {
    const place = own?.points[0]
    if (!own || !place) return setWriting({ at })
    drawing.colour(own.colour)
    setWriting({ at: place, mark: own })
  }
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || tool === undefined || tool === 'pointer') return
    // Keeps the focus where it is going (the text field) and the page from selecting or scrolling.
    event.preventDefault()
    if (tool === 'text') return write(unit(event))
    canvas.current?.setPointerCapture(event.pointerId)
    drawing.begin(ground, unit(event))
  }
  const move = (event: PointerEvent) => {
    if (tool === 'pointer') {
      desk.pointer.move(call.callId, on, unit(event))
      pointers.layer.current?.moved('me', onePoint(unit(event)))
      return
    }
    // All places since the last frame: a fast stroke stays round.
    const steps = event.getCoalescedEvents?.() ?? []
    for (const step of steps.length > 0 ? steps : [event]) drawing.move(unit(step))
  }
  /** Without a pen in the hand a double click is enough. */
  const twice = (event: MouseEvent) => {
    const own = tool === undefined ? drawing.textAt(ground, unit(event)) : undefined
    if (own) write(unit(event), own)
  }
  const look = `left: ${seen.x}px; top: ${seen.y}px; width: ${seen.width}px; height: ${seen.height}px`

  return (
    <>
      <canvas
        ref={canvas}
        class={tool ? `stage-canvas drawing ${toolName(tool)}` : 'stage-canvas'}
        data-test="stage-canvas"
        style={look}
        data-snapshot={on}
        data-marks={page.marks.length}
        aria-label={words.ink.canvas}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={event => drawing.end({ free: event.shiftKey })}
        onPointerCancel={() => drawing.end({ free: true })}
        onPointerLeave={() => desk.pointer.leave()}
        onDblClick={twice}
      />
      <canvas ref={pointers.canvas} class="pointer-canvas" data-test="pointer-canvas" style={look} />
      {writing ? (
        <TextEntry
          key={writing.mark?.id ?? writing.at.join()}
          at={writing.at}
          rect={rect}
          text={writing.mark?.text}
          onDone={text => {
            setWriting(undefined)
            if (text === undefined || text === writing.mark?.text) return
            if (text.trim() === '' && rewritten) drawing.erase(ground, [rewritten])
            else drawing.place(ground, writing.at, text, rewritten)
          }}
        />
      ) : null}
    </>
  )
}

/** A layer on which laser pointers fade: the own one at once, others as they are told. */
function usePointers(seen: Rect, whole: Rect, on: string) {
  const { desk } = useBench()
  const canvas = useRef<HTMLCanvasElement>(null)
  const current = useRef<PointerLayer | undefined>(undefined)
  useEffect(() => {
    if (!canvas.current) return
    const layer = new PointerLayer(canvas.current)
    current.current = layer
    const stop = desk.pointer.onHeard(news => {
      if (news.on === on) layer.moved(news.by, news.points)
    })
    return () => {
      stop()
      desk.pointer.leave()
      layer.close()
      current.current = undefined
    }
  }, [desk, on])
  useEffect(() => current.current?.place(seen, whole), [seen, whole, on])
  return { canvas, layer: current }
}
