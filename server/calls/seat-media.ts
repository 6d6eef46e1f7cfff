import type { MediaRoom } from '../../media/room/media-room.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities, TransportParams } from '../../signaling/protocol/media.ts'
import type { NotificationData, NotificationName } from '../../signaling/protocol/notifications.ts'
import type { AgentSeat } from './agent-seat.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { withIceServers } from './ice-servers.ts'

/** Both transports of an agent's page; what there is to hear and see is pushed to it as soon as it knows them. */
export async function openSeatTransports(o: {
  media: CallMedia
  seat: AgentSeat
  capabilities: RtpCapabilities
  deps: CallDeps
}): Promise<{ send: TransportParams; receive: TransportParams }> {
  const { participantId } = o.seat
  const room = await o.media.readyRoom()
  const [send, receive] = await Promise.all([
    room.openTransport(participantId, 'send'),
    room.openTransport(participantId, 'receive'),
  ])
  // After the reply: the page needs its transport before the first consumer arrives.
  setImmediate(() => {
    room.addViewer(participantId, o.capabilities, receive.id).catch(error => {
      if (!room.closed) o.deps.events.fault('viewer', error)
    })
  })
  return {
    send: withIceServers(send, o.deps.turn, participantId),
    receive: withIceServers(receive, o.deps.turn, participantId),
  }
}

/** The phone wants to see a shared screen: a transport to receive on, and the screen as soon as there is one. */
export async function openScreenReceiver(o: {
  room: MediaRoom
  participantId: ParticipantId
  capabilities: RtpCapabilities
  deps: CallDeps
}): Promise<TransportParams> {
  const { room, participantId } = o
  const receive = await room.openTransport(participantId, 'receive')
  setImmediate(() => {
    room.addScreenViewer(participantId, o.capabilities, receive.id).catch(error => {
      if (!room.closed) o.deps.events.fault('screen viewer', error)
    })
  })
  return withIceServers(receive, o.deps.turn, participantId)
}

type Told = {
  readonly participantId: ParticipantId | undefined
  notify<N extends NotificationName>(name: N, data: NotificationData<N>): unknown
}

/** Tells a seat (the agent's, the caller's) which tracks come and go. */
export function tellConsumers(room: MediaRoom, callId: CallId, seat: () => Told | undefined): void {
  room.on('consumer', (participantId, consumer) => {
    const own = seat()
    if (own?.participantId === participantId) own.notify('media.consumer', { callId, consumer })
  })
  room.on('consumerClosed', (participantId, consumerId) => {
    const own = seat()
    if (own?.participantId === participantId) own.notify('media.consumerClosed', { callId, consumerId })
  })
}
