import { useRef, useState } from 'preact/hooks'
import { redoable, undoable } from '../../signaling/protocol/ink.ts'
import { AGENT_COLOURS } from '../../signaling/protocol/mark-kinds.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import type { IconName } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type InkTool, sameTool, toolName } from '../shared/ink/tools.ts'
import type { InkWords } from '../shared/words/zh-CN/ink.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, takesPhotos } from './desk-state.ts'
import { ERASER_KEY, STAMP_KEYS, TOOL_KEYS } from './keys.ts'
import { surfaceOf } from './surface.ts'
import { ToolButton } from './tool-button.tsx'

/** Stamps borrow what the rest of the house calls those signs. */
const STAMP_ICONS = {
  warning: 'warn',
  tick: 'check',
  cross: 'cross',
  'turn-left': 'turn-left',
  'turn-right': 'turn-right',
  press: 'press',
} as const

function iconOf(tool: InkTool): IconName {
  return typeof tool === 'object' ? STAMP_ICONS[tool.stamp] : tool
}

/** Beside the stage: freeze and live, what draws, its colour, and the way back. One tab stop; arrow keys go on. */
export function ToolBar({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { tool, colour, locals } = useStore(desk.drawing.state)
  const { busy } = useStore(desk.tasks.state)
  const { picture } = useStore(desk.media.state)
  const bar = useRef<HTMLDivElement>(null)
  const [stop, setStop] = useState<string | undefined>()
  const page = call ? shownPage(call.stage) : undefined
  const ground = surfaceOf(call, picture !== undefined)
  const waiting = locals.marks.length + locals.hidings.length > 0
  const mine = (find: typeof undoable) =>
    call !== undefined && ground !== undefined && find(ground.ink, call.participantId) !== undefined
  const mayUndo = ground !== undefined && (waiting || mine(undoable))
  const mayRedo = ground !== undefined && mine(redoable)
  const marked = ground !== undefined && (ground.marks > 0 || waiting)
  const first = page ? 'live' : 'freeze'

  const press = (event: KeyboardEvent) => {
    const step =
      event.key === 'ArrowDown' || event.key === 'ArrowRight'
        ? 1
        : event.key === 'ArrowUp' || event.key === 'ArrowLeft'
          ? -1
          : 0
    if (step === 0) return
    const buttons = [...(bar.current?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    if (at === -1) return
    // Not a command of the stage (panning) at the same time.
    event.preventDefault()
    event.stopPropagation()
    buttons[(at + step + buttons.length) % buttons.length]?.focus()
  }
  const stopsAt = stop ?? first
  const tool_ = (key: string, one: InkTool) => {
    const name = toolName(one) as keyof InkWords['tool']
    return (
      <ToolButton
        key={name}
        name={`tool-${name}`}
        icon={iconOf(one)}
        word={words.ink.tool[name]}
        how={words.ink.how[name]}
        hint={key.toUpperCase()}
        pressed={ground !== undefined && sameTool(tool, one)}
        disabled={!ground}
        stop={stopsAt === `tool-${name}`}
        onClick={() => desk.drawing.choose(one)}
      />
    )
  }
  return (
    <div
      ref={bar}
      class="tools"
      role="toolbar"
      aria-orientation="vertical"
      aria-label={words.ink.tools}
      data-colour={colour}
      onKeyDown={press}
      onFocusIn={event => {
        if (event.target instanceof HTMLElement) setStop(event.target.dataset.test)
      }}
    >
      {page ? (
        <ToolButton
          name="live"
          icon="live"
          word={words.backToLive}
          hint="L"
          strong
          disabled={busy.has('live')}
          stop={stopsAt === 'live'}
          onClick={() => void desk.stage.showLive()}
        />
      ) : (
        <ToolButton
          name="freeze"
          icon="freeze"
          word={words.freeze}
          hint="F"
          strong
          disabled={!(picture || takesPhotos(call)) || busy.has('freeze') || call?.view.capture?.shutter !== undefined}
          stop={stopsAt === 'freeze'}
          onClick={() => void desk.stage.freeze()}
        />
      )}
      <fieldset class="tool-group">
        <legend class="sr-only">{words.ink.draw}</legend>
        {TOOL_KEYS.map(([key, one]) => tool_(key, one))}
      </fieldset>
      <fieldset class="tool-group">
        <legend class="sr-only">{words.ink.stamps}</legend>
        {STAMP_KEYS.map(([key, one]) => tool_(key, one))}
      </fieldset>
      <fieldset class="tool-group colours" disabled={!ground}>
        <legend class="sr-only">{words.ink.colours}</legend>
        {AGENT_COLOURS.map((one, index) => (
          <button
            key={one}
            type="button"
            class={`colour ${one}`}
            data-test={`colour-${one}`}
            data-tip={`${words.common.colours[one]} (${index + 1})`}
            aria-label={words.common.colours[one]}
            aria-keyshortcuts={String(index + 1)}
            aria-pressed={colour === one}
            tabIndex={stopsAt === `colour-${one}` ? 0 : -1}
            onClick={() => desk.drawing.colour(one)}
          >
            <kbd>{index + 1}</kbd>
          </button>
        ))}
      </fieldset>
      <fieldset class="tool-group">
        <legend class="sr-only">{words.ink.edit}</legend>
        {tool_(ERASER_KEY, 'eraser')}
        <ToolButton
          name="clear"
          icon="clear"
          word={words.ink.clear}
          hint="Del"
          disabled={!marked}
          stop={stopsAt === 'clear'}
          onClick={() => call && ground && desk.drawing.clear(call.callId, ground.on)}
        />
        <ToolButton
          name="undo"
          icon="undo"
          word={words.ink.undo}
          hint="^Z"
          keys="Control+Z"
          disabled={!mayUndo}
          stop={stopsAt === 'undo'}
          onClick={() => call && ground && desk.drawing.undo(call.callId, ground.on)}
        />
        <ToolButton
          name="redo"
          icon="redo"
          word={words.ink.redo}
          hint="^Y"
          keys="Control+Y"
          disabled={!mayRedo}
          stop={stopsAt === 'redo'}
          onClick={() => call && ground && desk.drawing.redo(call.callId, ground.on)}
        />
      </fieldset>
    </div>
  )
}
