import { shownPage } from '../../signaling/protocol/stage.ts'
import { Icon, type IconName } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { COLOURS } from './drawing.ts'
import type { Tool } from './keys.ts'

const TOOLS: readonly { readonly tool: Tool; readonly key: string }[] = [
  { tool: 'pen', key: 'P' },
  { tool: 'arrow', key: 'A' },
  { tool: 'circle', key: 'C' },
  { tool: 'text', key: 'T' },
]

/** Beside the stage: freeze and live, the pens, their colours, and the way back. */
export function ToolBar({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { tool, colour, locals } = useStore(desk.drawing.state)
  const { busy } = useStore(desk.tasks.state)
  const { picture } = useStore(desk.media.state)
  const page = call ? shownPage(call.stage) : undefined
  const on = page?.page.id
  const marked = (page?.marks.length ?? 0) + locals.length > 0
  return (
    <div class="tools" role="toolbar" aria-orientation="vertical" aria-label={words.tools}>
      {page ? (
        <ToolButton
          name="live"
          icon="live"
          word={words.backToLive}
          hint="L"
          strong
          disabled={busy.has('live')}
          onClick={() => void desk.showLive()}
        />
      ) : (
        <ToolButton
          name="freeze"
          icon="freeze"
          word={words.freeze}
          hint="F"
          strong
          disabled={!picture || busy.has('freeze')}
          onClick={() => void desk.freeze()}
        />
      )}
      <hr />
      {TOOLS.map(one => (
        <ToolButton
          key={one.tool}
          name={`tool-${one.tool}`}
          icon={one.tool}
          word={words[one.tool]}
          hint={one.key}
          pressed={page !== undefined && tool === one.tool}
          disabled={!page}
          onClick={() => desk.drawing.choose(one.tool)}
        />
      ))}
      <fieldset class="colours" disabled={!page}>
        <legend class="sr-only">{words.colour}</legend>
        {COLOURS.map((one, index) => (
          <button
            key={one}
            type="button"
            class={`colour ${one}`}
            data-test={`colour-${one}`}
            aria-pressed={colour === one}
            title={`${words.common.colours[one]} (${index + 1})`}
            onClick={() => desk.drawing.colour(one)}
          >
            <span class="sr-only">{words.common.colours[one]}</span>
          </button>
        ))}
      </fieldset>
      <hr />
      <ToolButton
        name="undo"
        icon="undo"
        word={words.undo}
        hint="Ctrl Z"
        disabled={!on || !marked}
        onClick={() => on && void desk.undo(on)}
      />
      <ToolButton
        name="clear"
        icon="clear"
        word={words.clear}
        hint="Del"
        disabled={!on || !marked}
        onClick={() => on && void desk.clearMarks(on)}
      />
    </div>
  )
}

type ToolButtonProps = {
  readonly name: string
  readonly icon: IconName
  readonly word: string
  readonly hint: string
  readonly disabled: boolean
  readonly pressed?: boolean
  readonly strong?: boolean
  readonly onClick: () => void
}

function ToolButton({ name, icon, word, hint, disabled, pressed, strong, onClick }: ToolButtonProps) {
  return (
    <button
      type="button"
      class={strong ? 'tool strong' : 'tool'}
      data-test={name}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={20} />
      <span>{word}</span>
      <kbd>{hint}</kbd>
    </button>
  )
}
