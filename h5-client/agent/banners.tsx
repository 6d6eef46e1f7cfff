import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { CardShutterBanner } from './card-shutter.tsx'
import { liveCall } from './desk-state.ts'

/** What the whole desk must know at once: the connection, and voice or recording in danger. */
export function Banners() {
  const { desk, words } = useBench()
  const socket = useStore(desk.socket)
  const live = liveCall(useStore(desk.state))
  const lost = socket.kind === 'lost' || (socket.kind === 'connecting' && desk.state.get().agent !== undefined)
  const degraded = live?.view.recording === 'degraded'
  const shut = live?.view.capture?.shutter !== undefined
  if (!lost && !degraded && !shut) return null
  return (
    <div class="banners">
      {live && shut ? <CardShutterBanner call={live} /> : null}
      {lost ? (
        <div class={live ? 'banner warn' : 'banner danger'} role="alert" data-test="connection-lost">
          <Icon name="warn" />
          <span>{live ? words.connection.lost : words.connection.lostIdle}</span>
          <button type="button" class="button" onClick={() => desk.retryNow()}>
            {words.common.retry}
          </button>
        </div>
      ) : null}
      {degraded ? (
        <div class="banner danger" role="alert">
          <Icon name="warn" />
          <span>{words.recordingDegraded}</span>
        </div>
      ) : null}
    </div>
  )
}
