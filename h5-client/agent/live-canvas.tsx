import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import type { Ground } from '../shared/ink/drawing.ts'
import { onePoint } from '../shared/ink/laser-pointer.ts'
import { toolName } from '../shared/ink/tools.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { type Rect, toUnit } from '../shared/picture-rect.ts'
import { PointerLayer } from '../shared/pointer-layer.ts'
import { LIVE_EN } from '../shared/words/en/live.ts'
import { LIVE_ZH } from '../shared/words/zh-CN/live.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { TextEntry } from './text-entry.tsx'
import { useTools } from './use-tools.ts'

const LIVE_WORDS = { 'zh-CN': LIVE_ZH, en: LIVE_EN }

type Props = {
  readonly call: JoinedCall
  readonly video: RefObject<HTMLVideoElement | null>
  /** Where the moving picture lies on the stage, CSS pixels. */
  readonly rect: Rect
}

/** Over the moving picture: marks that stay on their objects, the pen that draws them, the laser pointer. */
export function LiveCanvas({ call, video, rect }: Props) {
  const { desk, language } = useBench()
  const words = LIVE_WORDS[language]
  const { drawing, live } = desk
  const { held, painted, unseen, nothingToHold } = useStore(live.state)
  const { tool: chosen, locals } = useStore(drawing.state)
  const tools = useTools()
  const mayDraw = tools.has('draw') && tools.has('live-marks') && !isOnHold(call.view)
  const tool = mayDraw ? chosen : undefined
  const canvas = useRef<HTMLCanvasElement>(null)
  const [writing, setWriting] = useState<{ at: readonly [number, number]; ground: Ground } | undefined>()
  const whole = useMemo(() => ({ x: 0, y: 0, width: rect.width, height: rect.height }), [rect.width, rect.height])
  const pointers = useLivePointers(whole)

  useEffect(() => (video.current ? live.watch(video.current) : undefined), [live, video])
  useLayoutEffect(() => {
    if (!canvas.current || whole.width === 0) return
    const context = fitCanvas(canvas.current, whole)
    const picture = live.picture
    if (picture) context.drawImage(picture, 0, 0, whole.width, whole.height)
    paintMarks(context, live.marks(locals), whole)
  }, [live, held, painted, locals, whole])

  const unit = (event: MouseEvent) => toUnit(whole, event.offsetX, event.offsetY)
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || tool === undefined || tool === 'pointer') return
    event.preventDefault()
    const ground = live.penDown(call.callId, unit(event), whole)
    if (ground === undefined) return
    if (tool === 'text') return setWriting({ at: unit(event), ground })
    canvas.current?.setPointerCapture(event.pointerId)
    drawing.begin(ground, unit(event))
  }
  const move = (event: PointerEvent) => {
    if (tool === 'pointer') {
      desk.pointer.move(call.callId, 'live', unit(event))
      pointers.layer.current?.moved('me', onePoint(unit(event)))
      return
    }
    const steps = event.getCoalescedEvents?.() ?? []
    for (const step of steps.length > 0 ? steps : [event]) drawing.move(unit(step))
  }
  const up = (event: PointerEvent) => {
    if (tool === 'text') return
    drawing.end({ free: event.type === 'pointercancel' || event.shiftKey })
    live.penUp()
  }
  const look = `left: ${rect.x}px; top: ${rect.y}px; width: ${rect.width}px; height: ${rect.height}px`
  const shown = call.stage.live.marks.filter(one => one.hiddenBy.length === 0).length

  return (
    <>
      <canvas
        ref={canvas}
        class={`stage-canvas live-canvas${tool ? ` drawing ${toolName(tool)}` : ''}`}
        data-test="live-canvas"
        data-marks={shown}
        data-unseen={unseen}
        data-held={held !== undefined}
        style={look}
        aria-label={words.canvas}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => desk.pointer.leave()}
      />
      <canvas ref={pointers.canvas} class="pointer-canvas" data-test="live-pointer" style={look} />
      {writing ? (
        <TextEntry
          at={writing.at}
          rect={rect}
          text={undefined}
          onDone={text => {
            setWriting(undefined)
            if (text !== undefined) drawing.place(writing.ground, writing.at, text)
            live.penUp()
          }}
        />
      ) : null}
      {nothingToHold || (shown > 0 && unseen > 0 && !held) ? (
        <p class="live-lost" role="status" data-test="live-lost" data-why={nothingToHold ? 'texture' : 'lost'}>
          <span>{nothingToHold ? words.nothingToHold : words.lost(unseen)}</span>
          <button type="button" class="button" onClick={() => void desk.stage.freeze().then(() => live.dismiss())}>
            {words.freezeInstead}
          </button>
        </p>
      ) : null}
    </>
  )
}

/** The layer on which laser pointers fade. */
function useLivePointers(whole: Rect) {
  const { desk } = useBench()
  const canvas = useRef<HTMLCanvasElement>(null)
  const layer = useRef<PointerLayer | undefined>(undefined)
  useEffect(() => {
    if (!canvas.current) return
    const made = new PointerLayer(canvas.current)
    layer.current = made
    const stop = desk.pointer.onHeard(news => {
      if (news.on === 'live') made.moved(news.by, news.points)
    })
    return () => {
      stop()
      desk.pointer.leave()
      made.close()
      layer.current = undefined
    }
  }, [desk])
  useEffect(() => layer.current?.place(whole, whole), [whole])
  return { canvas, layer }
}
