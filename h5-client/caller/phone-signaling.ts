import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { NotificationData, NotificationName } from '../../signaling/protocol/notifications.ts'

/** The part of the signalling connection that the phone's tools need. */
export type PhoneSignaling = {
  on<N extends NotificationName>(name: N, listener: (data: NotificationData<N>) => void): () => void
  request<N extends RequestName>(name: N, data: RequestData<N>): Promise<RequestReply<N>>
  /** Resolves when there is a connection. */
  opened(): Promise<void>
}
