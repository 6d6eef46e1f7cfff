import { useEffect, useState } from 'preact/hooks'
import type { Point } from '../../signaling/protocol/mark.ts'
import type { Region } from '../../signaling/protocol/reading.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fromUnit, type Rect, type Size, toUnit } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import { useTools } from './use-tools.ts'

type Props = {
  readonly page: StagePage
  /** Where the whole picture lies on the stage. */
  readonly rect: Rect
  readonly size: Size
}
type Drag = { readonly from: Point; readonly to: Point }

/** Over a page: dragging out a part of it, what to do with that part, and what words elsewhere point at. */
export function RegionLayer({ page, rect, size }: Props) {
  const { desk, words } = useBench()
  const { mode, selection, highlight } = useStore(desk.look.state)
  const tools = useTools()
  const [drag, setDrag] = useState<Drag | undefined>()
  const id = page.page.id
  const dragging = mode === 'region'
  useEffect(() => {
    if (!dragging) setDrag(undefined)
  }, [dragging])
  const at = (event: PointerEvent) => toUnit(rect, event.offsetX, event.offsetY)
  const finish = (event: PointerEvent) => {
    if (!drag) return
    setDrag(undefined)
    const made = desk.look.select(id, drag.from, at(event))
    // Reading is what a part is dragged out for nine times out of ten.
    if (made && tools.has('text')) void desk.assist.readText(id, made.region)
  }
  const own = selection?.pageId === id ? selection : undefined
  const marked = highlight?.pageId === id ? highlight.corners : undefined
  const place = (point: Point) => {
    const { x, y } = fromUnit(rect, point)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }
  return (
    <>
      {dragging ? (
        <div
          class="region-layer"
          data-test="region-layer"
          onPointerDown={event => {
            if (event.button !== 0) return
            event.preventDefault()
            event.currentTarget.setPointerCapture(event.pointerId)
            setDrag({ from: at(event), to: at(event) })
          }}
          onPointerMove={event => drag && setDrag({ ...drag, to: at(event) })}
          onPointerUp={finish}
          onPointerCancel={() => setDrag(undefined)}
        >
          {drag ? null : <p class="region-how">{words.wb.regionHow}</p>}
        </div>
      ) : null}
      {drag ? <Box rect={rect} from={drag.from} to={drag.to} /> : null}
      {own ? <SelectionBox page={page} region={own.region} rect={rect} size={size} /> : null}
      {marked ? (
        <svg class="stage-overlay" data-test="highlight" aria-hidden="true" width={size.width} height={size.height}>
          <polygon class="outline" points={marked.map(place).join(' ')} />
        </svg>
      ) : null}
    </>
  )
}

function Box({ rect, from, to }: { rect: Rect; from: Point; to: Point }) {
  const a = fromUnit(rect, [Math.min(from[0], to[0]), Math.min(from[1], to[1])])
  const b = fromUnit(rect, [Math.max(from[0], to[0]), Math.max(from[1], to[1])])
  const style = { left: `${a.x}px`, top: `${a.y}px`, width: `${b.x - a.x}px`, height: `${b.y - a.y}px` }
  return <div class="region-box" data-test="region-box" style={style} />
}

type SelectionProps = Props & { readonly region: Region }

/** The part that is dragged out, and what can be done with it; below it, or inside where the stage ends. */
function SelectionBox({ page, region, rect, size }: SelectionProps) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const tools = useTools()
  const id = page.page.id
  const to: Point = [region.x + region.width, region.y + region.height]
  const low = fromUnit(rect, [region.x, to[1]])
  const style = {
    left: `${Math.min(Math.max(4, low.x), Math.max(4, size.width - 330))}px`,
    top: `${Math.min(Math.max(4, low.y + 6), size.height - 84)}px`,
  }
  return (
    <>
      <Box rect={rect} from={[region.x, region.y]} to={to} />
      <div class="region-menu" role="toolbar" aria-label={words.wb.region} style={style}>
        {tools.has('text') ? (
          <button
            type="button"
            data-test="region-text"
            disabled={busy.has('read-text')}
            onClick={() => void desk.assist.readText(id, region)}
          >
            {busy.has('read-text') ? words.readingNow : words.wb.readRegion}
          </button>
        ) : null}
        {tools.has('codes') ? (
          <button
            type="button"
            data-test="region-codes"
            disabled={busy.has('read-codes')}
            onClick={() => void desk.assist.readCodes(id, region)}
          >
            {busy.has('read-codes') ? words.wb.readingCodes : words.wb.readCodesHere}
          </button>
        ) : null}
        <button type="button" data-test="region-none" onClick={() => desk.look.unselect()}>
          {words.wb.unselect} <kbd>Esc</kbd>
        </button>
      </div>
    </>
  )
}
