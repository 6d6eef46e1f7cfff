import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { DialKey } from '../../signaling/protocol/voice.ts'
import { useBench } from './bench.ts'
import { isTyping } from './use-keys.ts'

const KEYS: readonly DialKey[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']
/** What was pressed is shown so long: it may be a secret number of the caller's. */
const SHOWN_MS = 1_500

/**
 * Keys into the call, by mouse or keyboard. What was pressed is shown for the moment and kept nowhere on this page.
 * `to`: who is consulted, where the keys are for that one.
 */
export function Keypad({ to, onClose }: { to: string | undefined; onClose: () => void }) {
  const { desk, words } = useBench()
  const panel = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState<{ readonly key: DialKey; readonly count: number } | undefined>()
  const press = (key: DialKey) => {
    desk.voice.key(key)
    setShown(last => ({ key, count: (last?.count ?? 0) + 1 }))
  }
  useEffect(() => panel.current?.focus(), [])
  useEffect(() => {
    if (!shown) return
    const timer = setTimeout(() => setShown(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [shown])
  // With the buttons, not a frame after them: a quick hand's first key is a key too.
  useLayoutEffect(() => {
    // Before the other keys of the desk, which know digits as colours and zoom.
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return
      const key = KEYS.find(one => one === event.key)
      if (key) {
        event.preventDefault()
        if (!event.repeat) press(key)
      } else if (event.key === 'Escape') {
        event.preventDefault()
        onClose()
      }
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  })
  return (
    <div class="voice-popover" role="dialog" aria-label={words.control.keys.title} tabIndex={-1} ref={panel}>
      <div class="row between">
        <h2>{words.control.keys.title}</h2>
        <output class="pressed-key" data-test="pressed-key" aria-live="polite">
          {shown ? (
            <span key={shown.count}>
              {words.control.keys.pressed} <strong>{shown.key}</strong>
            </span>
          ) : null}
        </output>
      </div>
      <div class="keypad" data-test="keys">
        {KEYS.map(key => (
          <button
            key={key}
            type="button"
            class="button"
            data-test={`key-${key}`}
            aria-label={words.control.keys.key(key)}
            onClick={() => press(key)}
          >
            {key}
          </button>
        ))}
      </div>
      {to === undefined ? null : <p data-test="keys-to">{words.control.keys.toConsulted(to)}</p>}
      <p class="quiet">{words.control.keys.note}</p>
    </div>
  )
}
