import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { ConsumerParams } from '../../signaling/protocol/media.ts'

export type TransportState = 'connected' | 'disconnected' | 'failed' | 'closed'

/** How the camera's packets look in the tap; a new producer (reload, codec change) starts anew. */
export type VideoStart = {
  readonly participantId: ParticipantId
  readonly producerId: string
  readonly codec: 'VP8' | 'H264'
  readonly payloadType: number
  readonly clockRate: number
  readonly ssrc: number
}

/** Everything a room tells its owner. Buffers are the listener's to keep. */
export type RoomEvents = {
  /** One RTP packet of the agent's microphone, in the call's voice codec. */
  agentVoice: [rtp: Buffer]
  /** The agent's microphone came or went; undefined when there is none. */
  agentMicrophone: [participantId: ParticipantId | undefined]
  videoStarted: [video: VideoStart]
  firstVideoPacket: [participantId: ParticipantId]
  videoRtp: [rtp: Buffer]
  /** The phone's sender reports under the tap's SSRC: its NTP time against the RTP timestamps of the tapped packets. */
  videoRtcp: [rtcp: Buffer]
  /** No packet for `silentMs` although the camera is not paused. */
  videoSilent: [silentMs: number]
  videoBack: []
  videoEnded: [participantId: ParticipantId]
  /** The agent shares a screen or window; its packets follow as the camera's do. */
  screenStarted: [video: VideoStart]
  screenRtp: [rtp: Buffer]
  screenRtcp: [rtcp: Buffer]
  screenEnded: [participantId: ParticipantId]
  consumer: [participantId: ParticipantId, consumer: ConsumerParams]
  consumerClosed: [participantId: ParticipantId, consumerId: string]
  transportState: [participantId: ParticipantId, transportId: string, state: TransportState]
  /** The room is dead and already closed; its owner may create another. */
  workerDied: []
}
