import { useEffect } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { usePushWords } from './push-words.ts'
import { isTyping } from './use-keys.ts'
import { useTools } from './use-tools.ts'

/** Opens the drawer; Shift and P do the same wherever the focus is. */
export function PushButton() {
  const { desk } = useBench()
  const words = usePushWords()
  const tools = useTools()
  const { open, screen } = useStore(desk.push.state)
  const offered = tools.has('push') || tools.has('share')
  useEffect(() => {
    if (!offered) return
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat || isTyping(event.target)) return
      if (event.ctrlKey || event.metaKey || event.altKey || !event.shiftKey || event.key.toLowerCase() !== 'p') return
      event.preventDefault()
      desk.push.toggle()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [desk, offered])
  if (!offered) return null
  return (
    <button
      type="button"
      class={screen ? 'button small pd-sharing' : open ? 'button small pressed' : 'button small'}
      data-test="push-open"
      aria-expanded={open}
      onClick={() => desk.push.toggle(screen ? 'share' : undefined)}
    >
      <Icon name="send" />
      {screen ? words.tabs.share : words.open}
      <kbd>⇧P</kbd>
    </button>
  )
}
