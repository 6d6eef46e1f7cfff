import { useStore } from '../shared/console/use-store.ts'
import { type Rect, toUnit } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'

/** One tap on the live picture tells the phone where to focus. */
export function FocusLayer({ rect }: { rect: Rect }) {
  const { desk, words } = useBench()
  const { mode } = useStore(desk.look.state)
  if (mode !== 'focus') return null
  const style = { left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }
  return (
    <div
      class="focus-layer"
      data-test="focus-layer"
      style={style}
      onPointerDown={event => {
        event.preventDefault()
        const own = { x: 0, y: 0, width: rect.width, height: rect.height }
        void desk.assist.control({ kind: 'focus', at: toUnit(own, event.offsetX, event.offsetY) })
        desk.look.setMode('draw')
      }}
    >
      <p>{words.wb.focusHow}</p>
    </div>
  )
}
