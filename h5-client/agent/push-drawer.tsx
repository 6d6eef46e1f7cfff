import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { PushCards } from './push-cards.tsx'
import { PUSH_TABS, type PushTab } from './push-desk.ts'
import { PushFiles } from './push-file-tab.tsx'
import { PushLibrary } from './push-library.tsx'
import { PushShare } from './push-share.tsx'
import { usePushWords } from './push-words.ts'
import { usePushDrop } from './use-push-drop.ts'
import { useTools } from './use-tools.ts'

/** Everything that can be put before the caller's eyes, beside the stage and not over it. */
export function PushDrawer() {
  const { desk } = useBench()
  const words = usePushWords()
  const tools = useTools()
  const call = liveCall(useStore(desk.state))
  const { open, tab } = useStore(desk.push.state)
  const dragging = usePushDrop(desk, call !== undefined && tools.has('push'))
  const tabs = PUSH_TABS.filter(one => tools.has(one === 'share' ? 'share' : 'push'))
  if (!call || tabs.length === 0) return null
  const shown = tabs.includes(tab) ? tab : (tabs[0] ?? 'card')
  return (
    <>
      {dragging ? (
        <div class="pd-drop" aria-hidden="true">
          <p>{words.dropToPush}</p>
        </div>
      ) : null}
      {open ? <Drawer call={call} tab={shown} tabs={tabs} /> : null}
    </>
  )
}

function Drawer({ call, tab, tabs }: { call: JoinedCall; tab: PushTab; tabs: readonly PushTab[] }) {
  const { desk, words: bench } = useBench()
  const words = usePushWords()
  const { problem } = useStore(desk.push.state)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Escape') {
      event.preventDefault()
      desk.push.close()
    }
  }
  const turn = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]
    if (step === 0 || !next) return
    event.preventDefault()
    desk.push.choose({ tab: next })
    panel.current?.querySelector<HTMLElement>(`#pd-tab-${next}`)?.focus()
  }
  return (
    <aside class="pd" ref={panel} aria-label={words.title} data-test="push-drawer" onKeyDown={onKey}>
      <header class="pd-head">
        <h2>{words.title}</h2>
        <button type="button" class="button icon-only plain" data-test="push-close" onClick={() => desk.push.close()}>
          <Icon name="cross" />
          <span class="sr-only">{bench.common.close}</span>
        </button>
      </header>
      <div class="pd-tabs" role="tablist" onKeyDown={turn}>
        {tabs.map(one => (
          <button
            key={one}
            type="button"
            id={`pd-tab-${one}`}
            role="tab"
            class="pd-tab"
            data-test={`push-tab-${one}`}
            aria-selected={one === tab}
            aria-controls="pd-panel"
            tabIndex={one === tab ? 0 : -1}
            onClick={() => desk.push.choose({ tab: one })}
          >
            {words.tabs[one]}
          </button>
        ))}
      </div>
      <div class="pd-body" id="pd-panel" role="tabpanel" aria-labelledby={`pd-tab-${tab}`}>
        {problem ? (
          <p class="pd-problem" role="alert" data-test="push-problem" data-code={problem.code}>
            <Icon name="warn" />
            {(problem.reason && words.reasons[problem.reason]) ??
              words.problems[problem.code] ??
              words.problems.internal}
          </p>
        ) : null}
        {tab === 'card' ? <PushCards call={call} /> : null}
        {tab === 'file' ? <PushFiles call={call} /> : null}
        {tab === 'library' ? <PushLibrary /> : null}
        {tab === 'share' ? <PushShare /> : null}
      </div>
      <LastPushed call={call} />
    </aside>
  )
}

/** What became of the page pushed last, as the phone tells it. */
function LastPushed({ call }: { call: JoinedCall }) {
  const { desk } = useBench()
  const words = usePushWords()
  const { last } = useStore(desk.push.state)
  const page = call.stage.pages.find(one => one.page.id === last)
  if (!page) return <p class="pd-foot quiet">{words.note}</p>
  const { loaded, seen, copied } = page.phone
  const state = copied.length > 0 ? 'copied' : seen ? 'seen' : loaded ? 'loaded' : 'waiting'
  const nobody = state === 'waiting' && (call.view.camera === 'none' || call.view.camera === 'stopped')
  const title = page.page.kind === 'pushed' ? page.page.title : ''
  return (
    <p class="pd-foot" role="status" data-test="push-last" data-state={state}>
      <Icon name={state === 'waiting' ? 'send' : state === 'loaded' ? 'check' : 'eye'} />
      <span class="cut">
        {words.last}
        {title ? ` · ${title}` : ''}
      </span>
      <strong class={state}>{nobody ? words.noPhone : words.phone[state]}</strong>
    </p>
  )
}
