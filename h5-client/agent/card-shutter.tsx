import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { elapsedMs, type JoinedCall } from './desk-state.ts'
import { useNow } from './use-now.ts'

/** The one switch: closes while the customer pays, opens afterwards. */
export function CardShutterButton({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { capture, phase } = call.view
  if (!capture?.hasShutter && !capture?.shutter) return null
  const closed = capture.shutter !== undefined
  const ending = closed && busy.has('card-shutter')
  return (
    <button
      type="button"
      class={closed ? 'button large wide shutter-on' : 'button wide'}
      data-test="card-shutter"
      aria-pressed={closed}
      title={words.capture.shutterTip}
      disabled={phase !== 'talking' || busy.has('card-shutter')}
      onClick={() => void (closed ? desk.assist.resumeCapture() : desk.assist.pauseCapture())}
    >
      <Icon name={closed ? 'play' : 'card'} />
      {ending ? words.capture.shutterEnding : closed ? words.capture.shutterEnd : words.capture.shutter}
      <kbd>⇧K</kbd>
    </button>
  )
}

/** Over the whole desk while nothing is captured: why, until when, and the way out. */
export function CardShutterBanner({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  useNow(250)
  const { capture } = call.view
  if (!capture?.shutter) return null
  const { sinceMs, limitMs, trigger } = capture.shutter
  const leftMs = Math.max(0, sinceMs + limitMs - (elapsedMs(call, performance.now()) ?? sinceMs))
  return (
    <div class="banner shutter" role="alert" data-test="shutter-banner" data-trigger={trigger}>
      <Icon name="card" size={28} />
      <span class="shutter-words">
        <strong>{words.capture.banner}</strong>
        <span>
          {words.capture.closedBy[trigger]} · {words.capture.bannerNote}
        </span>
      </span>
      <span class="shutter-left" data-test="shutter-left">
        {words.capture.closes(clockText(leftMs))}
      </span>
      <button
        type="button"
        class="button large"
        data-test="shutter-end"
        disabled={busy.has('card-shutter')}
        onClick={() => void desk.assist.resumeCapture()}
      >
        {busy.has('card-shutter') ? words.capture.shutterEnding : words.capture.shutterEnd}
      </button>
    </div>
  )
}
