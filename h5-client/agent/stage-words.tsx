import { isOnHold } from '../shared/console/is-on-hold.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { isOpen } from './invite-steps.ts'

/** Why there is no picture, or none that moves. */
export function StageWords({ call, hasPicture }: { call: JoinedCall | undefined; hasPicture: boolean }) {
  const { desk, words } = useBench()
  const ended = useStore(desk.state).joined?.view.phase === 'ended'
  if (!call) return <p class="stage-words quiet">{ended ? words.stage.ended : words.stage.idle}</p>
  const { camera, invite, rung } = call.view
  if (call.stage.showing === 'share') {
    return (
      <p class="stage-words" role="status" data-test="sharing">
        {words.wb.sharing}
      </p>
    )
  }
  if (camera === 'live' && rung !== 'live') {
    return (
      <p class={hasPicture ? 'stage-words over' : 'stage-words'} role="status" data-test="waiting-still">
        {rung === 'photo' ? words.wb.photoByPhoto : words.wb.waitingStill}
      </p>
    )
  }
  if (camera === 'live' && hasPicture) return null
  if (camera === 'none') {
    const invited = isOpen(invite)
    return (
      <div class="stage-words" role="status">
        <p>{invited ? words.stage.invited : words.stage.noPicture}</p>
        {invited ? null : <p class="quiet">{words.stage.noPictureNote}</p>}
      </div>
    )
  }
  const onHold = camera === 'paused' && isOnHold(call.view)
  const text = onHold ? words.control.pictureHeld : words.camera[camera === 'live' ? 'starting' : camera]
  const amber = camera === 'interrupted'
  return (
    <p
      class={hasPicture ? 'stage-words over' : 'stage-words'}
      role="status"
      data-test="camera-state"
      data-state={camera}
    >
      <span class={amber ? 'amber' : undefined}>{text}</span>
    </p>
  )
}
