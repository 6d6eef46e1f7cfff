import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { MARK_COLOUR_VALUES, markTextSize } from '../shared/mark-style.ts'
import { fromUnit, type Rect } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'

type Props = {
  /** Left end of the baseline, 0..1 of the picture. */
  readonly at: readonly [number, number]
  readonly rect: Rect
  /** What stands there already. */
  readonly text: string | undefined
  /** The text, or undefined when the agent thinks better of it. */
  readonly onDone: (text: string | undefined) => void
}

/** Typing right on the picture, in the size and place in which the text will stand. */
export function TextEntry({ at, rect, text: former, onDone }: Props) {
  const { desk, words } = useBench()
  const { colour } = useStore(desk.drawing.state)
  const [text, setText] = useState(former ?? '')
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  // Before the next key: a letter that came too early would be a command.
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const place = fromUnit(rect, [at[0], at[1]])
  const sizePx = markTextSize(rect)
  const finish = (value: string | undefined) => {
    // Enter removes the field, which blurs it: one ending is enough.
    if (done.current) return
    done.current = true
    onDone(value)
  }
  const style = {
    left: `${place.x}px`,
    top: `${place.y - sizePx * 1.15}px`,
    maxWidth: `${rect.x + rect.width - place.x}px`,
    fontSize: `${sizePx}px`,
    color: MARK_COLOUR_VALUES[colour],
  }
  return (
    <input
      ref={input}
      class="text-entry"
      data-test="text-entry"
      style={style}
      size={Math.max(8, text.length + 2)}
      maxLength={200}
      placeholder={words.textHint}
      aria-label={words.textHint}
      value={text}
      onInput={event => setText(event.currentTarget.value)}
      onBlur={() => finish(text)}
      onKeyDown={event => {
        if (event.isComposing) return
        if (event.key === 'Enter') finish(text)
        if (event.key === 'Escape') finish(undefined)
      }}
    />
  )
}
