import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { diagramAddress } from './push-files.ts'
import { usePushWords } from './push-words.ts'

/** A person types on; the server is asked when the hand rests. */
const REST_MS = 180

/** Diagrams by product and fault; a press shows the newest version. */
export function PushLibrary() {
  const { desk } = useBench()
  const words = usePushWords()
  const { diagrams, busy } = useStore(desk.push.state)
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    const timer = setTimeout(() => void desk.push.search(text), text === '' ? 0 : REST_MS)
    return () => clearTimeout(timer)
  }, [desk, text])
  return (
    <div class="pd-form">
      <input
        ref={field}
        type="search"
        data-test="push-search"
        maxLength={80}
        placeholder={words.search}
        aria-label={words.search}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter' && event.key !== 'ArrowDown') return
          event.preventDefault()
          grid.current?.querySelector<HTMLElement>('button')?.focus()
        }}
      />
      {diagrams === undefined ? <p class="quiet">{words.searching}</p> : null}
      {diagrams?.length === 0 ? <p class="quiet">{text === '' ? words.emptyLibrary : words.noDiagrams}</p> : null}
      <div class="pd-grid wide" ref={grid} aria-live="polite">
        {diagrams?.map(diagram => (
          <button
            key={diagram.diagramId}
            type="button"
            class="pd-tile"
            data-test="push-diagram"
            disabled={busy !== undefined}
            title={`${diagram.title} · ${words.version(String(diagram.version))}`}
            onClick={() => void desk.push.diagram(diagram.diagramId)}
          >
            <img src={diagramAddress(diagram.diagramId, diagram.version)} alt="" loading="lazy" />
            <strong>{diagram.title}</strong>
            <span class="quiet">
              {diagram.product} · {diagram.fault}
            </span>
          </button>
        ))}
      </div>
    </div>
  )
}
