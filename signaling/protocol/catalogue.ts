import * as z from 'zod'
import { CallView, CameraTrouble, InviteView, Language, RecognisedText, Region, type Role } from './call.ts'
import { CallId, MarkId, ParticipantId, SnapshotId, UserId } from './ids.ts'
import { JournalEntry } from './journal-entry.ts'
import { Mark, Point } from './mark.ts'
import { ConsumerParams, DtlsParameters, RtpCapabilities, RtpParameters, TransportParams } from './media.ts'

type RequestSpec = { by: readonly Role[]; data: z.ZodType; reply: z.ZodType }
const none = z.object({})
const onCall = { callId: CallId }
const transportId = z.string().max(80)

/** All an agent's page needs to speak and see in a call, in one round trip. */
export const AgentSession = z.object({
  call: CallView,
  participantId: ParticipantId,
  /** The journal so far; the page folds it. */
  entries: z.array(JournalEntry),
  voiceCodec: z.enum(['PCMU', 'PCMA']),
  send: TransportParams,
  receive: TransportParams,
})
export type AgentSession = z.infer<typeof AgentSession>

/** All the phone's page needs. The reply to the POST that spends the code carries it too. */
export const CallerSession = z.object({
  callId: CallId,
  participantId: ParticipantId,
  agentName: z.string(),
  language: Language,
  /** The entries a caller may see; the page folds them. */
  entries: z.array(JournalEntry),
  send: TransportParams,
})
export type CallerSession = z.infer<typeof CallerSession>

/** Every request a browser may send: who may send it, what it carries, what comes back. */
export const REQUESTS = {
  'desk.enter': {
    by: ['agent'],
    data: none,
    reply: z.object({
      agent: z.object({ id: UserId, name: z.string() }),
      calls: z.array(CallView),
      routerRtpCapabilities: RtpCapabilities,
      /** Where a phone reaches us, for the empty state of the workbench. */
      sipAddress: z.string(),
    }),
  },
  /** The 200 OK leaves when the agent's microphone has arrived (call.changed tells: phase talking). */
  'call.answer': {
    by: ['agent'],
    data: z.object({ ...onCall, rtpCapabilities: RtpCapabilities }),
    reply: AgentSession,
  },
  /** After a reload, or from a second window: the same call again. The older page is detached. */
  'call.attach': {
    by: ['agent'],
    data: z.object({ ...onCall, rtpCapabilities: RtpCapabilities }),
    reply: AgentSession,
  },
  'call.decline': { by: ['agent'], data: z.object(onCall), reply: none },
  'call.hangUp': { by: ['agent'], data: z.object(onCall), reply: none },

  'caller.enter': { by: ['caller'], data: none, reply: CallerSession },
  'camera.pause': { by: ['caller'], data: none, reply: none },
  'camera.resume': { by: ['caller'], data: none, reply: none },
  'camera.stop': { by: ['caller'], data: none, reply: none },
  'camera.switched': { by: ['caller'], data: z.object({ facing: z.enum(['user', 'environment']) }), reply: none },
  'camera.torch': { by: ['caller'], data: z.object({ on: z.boolean() }), reply: none },
  'camera.trouble': { by: ['caller'], data: z.object({ trouble: CameraTrouble }), reply: none },

  'media.connect': {
    by: ['agent', 'caller'],
    data: z.object({ transportId, dtlsParameters: DtlsParameters }),
    reply: none,
  },
  'media.restartIce': {
    by: ['agent', 'caller'],
    data: z.object({ transportId }),
    reply: z.object({ iceParameters: z.looseObject({}) }),
  },
  'media.produce': {
    by: ['agent', 'caller'],
    data: z.object({ transportId, kind: z.enum(['audio', 'video']), rtpParameters: RtpParameters }),
    reply: z.object({ producerId: z.string() }),
  },
  /** The page has built its half of the consumer announced by `media.consumer`: send it a key frame. */
  'media.ready': { by: ['agent'], data: z.object({ consumerId: z.string().max(80) }), reply: none },

  'invite.issue': {
    by: ['agent'],
    data: z.object({ ...onCall, language: Language, to: z.string().max(40).optional() }),
    reply: InviteView,
  },
  'stage.freeze': { by: ['agent'], data: z.object(onCall), reply: z.object({ snapshotId: SnapshotId }) },
  'stage.page': { by: ['agent'], data: z.object({ ...onCall, snapshotId: SnapshotId }), reply: none },
  'stage.live': { by: ['agent'], data: z.object(onCall), reply: none },
  'mark.begin': { by: ['agent'], data: z.object({ ...onCall, on: SnapshotId, mark: Mark }), reply: none },
  'mark.extend': {
    by: ['agent'],
    data: z.object({ ...onCall, on: SnapshotId, markId: MarkId, points: z.array(Point).min(1).max(200) }),
    reply: none,
  },
  /** Takes back the author's newest mark on that page. */
  'mark.undo': { by: ['agent'], data: z.object({ ...onCall, on: SnapshotId }), reply: none },
  'marks.clear': { by: ['agent'], data: z.object({ ...onCall, on: SnapshotId }), reply: none },
  'text.read': {
    by: ['agent'],
    data: z.object({ ...onCall, snapshotId: SnapshotId, region: Region.optional() }),
    reply: RecognisedText,
  },
} as const satisfies Record<string, RequestSpec>

export type RequestName = keyof typeof REQUESTS
export type RequestData<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['data']>
export type RequestReply<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['reply']>

/** Every notification the server may send. */
export const NOTIFICATIONS = {
  /** To every agent on duty: all ringing calls and the agent's own. */
  'desk.calls': z.object({ calls: z.array(CallView) }),
  'call.changed': z.object({ call: CallView }),
  /** Journal entries, written before they are told; a caller gets only those it may see. */
  'call.entries': z.object({ callId: CallId, entries: z.array(JournalEntry) }),
  /** A track to consume on the receive transport; answer with `media.ready` once it is built. */
  'media.consumer': z.object({ callId: CallId, consumer: ConsumerParams }),
  'media.consumerClosed': z.object({ callId: CallId, consumerId: z.string() }),
  /** The media worker died or the transports are gone: attach (agent) or enter (caller) again. */
  'media.lost': z.object({ callId: CallId }),
} as const satisfies Record<string, z.ZodType>
export type NotificationName = keyof typeof NOTIFICATIONS
export type NotificationData<N extends NotificationName> = z.infer<(typeof NOTIFICATIONS)[N]>
