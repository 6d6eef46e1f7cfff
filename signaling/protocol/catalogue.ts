import * as z from 'zod'
import { CallView, CameraTrouble, Consent, InviteView, Language, type Role } from './call.ts'
import { DeskPhone, SpeaksBy } from './desk-phone.ts'
import { Diagram } from './diagram.ts'
import { CallId, MarkId, PageId, ParticipantId, UserId } from './ids.ts'
import { Anchor, Mark, MarkPose, Point, Surface } from './mark.ts'
import { DtlsParameters, RtpCapabilities, RtpParameters, TransportParams } from './media.ts'
import { Card } from './page.ts'
import { CameraAbilities, CameraControl, CameraNotice, ControlOutcome, NetworkMeasure, Rung } from './phone.ts'
import { Code, CodesFound, DocumentKind, DocumentReading, FaceComparison, RecognisedText, Region } from './reading.ts'
import { ConsentKind, Scenario } from './scenario.ts'
import { AgentSession, CallerSession, WatchSession } from './sessions.ts'
import { DialKey, DialTarget } from './voice.ts'

type RequestSpec = { by: readonly Role[]; data: z.ZodType; reply: z.ZodType }
const none = z.object({})
const onCall = { callId: CallId }
const transportId = z.string().max(80)
/** Who may draw: the caller only where the scenario allows it, a guest with the agent's leave. */
const DRAWERS = ['agent', 'caller', 'guest'] as const

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
      scenarios: z.array(Scenario),
      /** Domains links may lead to; empty: the link card is not offered. */
      linkDomains: z.array(z.string()),
      /** Whether this agent may call out. */
      mayDial: z.boolean(),
      /** Of an agent who may take calls on a telephone. */
      deskPhone: DeskPhone.optional(),
    }),
  },
  /** By what this agent answers from now on. */
  'desk.speakBy': { by: ['agent'], data: z.object({ by: SpeaksBy }), reply: none },
  /**
   * The 200 OK leaves when the agent's microphone has arrived, or the agent's phone has answered (call.changed tells: phase
   * talking). `by`: as chosen when left out.
   */
  'call.answer': {
    by: ['agent'],
    data: z.object({ ...onCall, rtpCapabilities: RtpCapabilities, by: SpeaksBy.optional() }),
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

  'voice.hold': { by: ['agent'], data: z.object(onCall), reply: none },
  'voice.retrieve': { by: ['agent'], data: z.object(onCall), reply: none },
  'voice.mute': { by: ['agent'], data: z.object({ ...onCall, on: z.boolean() }), reply: none },
  /** The agent speaks by the phone (it is called first) or by the page (the phone is left when the microphone is heard). */
  'voice.speakBy': { by: ['agent'], data: z.object({ ...onCall, by: SpeaksBy }), reply: none },
  /** Answered when the key has gone out. */
  'voice.key': { by: ['agent'], data: z.object({ ...onCall, digit: DialKey }), reply: none },
  /** Blind: answered when the far end has been asked; how it goes on stands in the call's `control`. */
  'voice.transfer': { by: ['agent'], data: z.object({ ...onCall, to: DialTarget }), reply: none },
  /** Calls a number through the trunk. The agent is in the call at once (phase `dialling`) and hears what the network plays. */
  'voice.dial': {
    by: ['agent'],
    data: z.object({ to: DialTarget, rtpCapabilities: RtpCapabilities }),
    reply: AgentSession,
  },
  /** Somebody else is called; the caller hears music. Answered at once. */
  'voice.consult': { by: ['agent'], data: z.object({ ...onCall, to: DialTarget }), reply: none },
  'voice.speakTo': {
    by: ['agent'],
    data: z.object({ ...onCall, who: z.enum(['caller', 'consulted']) }),
    reply: none,
  },
  /** Attended transfer: the caller and the one consulted are connected, and the agent leaves. */
  'voice.connect': { by: ['agent'], data: z.object(onCall), reply: none },
  'voice.cancelConsult': { by: ['agent'], data: z.object(onCall), reply: none },

  /** `transportId`: the transport this page still sends on; the reply's `send` is the same one if it lives. */
  'caller.enter': { by: ['caller'], data: z.object({ transportId: transportId.optional() }), reply: CallerSession },
  'camera.pause': { by: ['caller'], data: none, reply: none },
  'camera.resume': { by: ['caller'], data: none, reply: none },
  'camera.stop': { by: ['caller'], data: none, reply: none },
  'camera.switched': { by: ['caller'], data: z.object({ facing: z.enum(['user', 'environment']) }), reply: none },
  'camera.torch': { by: ['caller'], data: z.object({ on: z.boolean() }), reply: none },
  'camera.trouble': { by: ['caller'], data: z.object({ trouble: CameraTrouble }), reply: none },

  'media.connect': {
    by: ['agent', 'caller', 'supervisor', 'guest'],
    data: z.object({ transportId, dtlsParameters: DtlsParameters }),
    reply: none,
  },
  'media.restartIce': {
    by: ['agent', 'caller', 'supervisor', 'guest'],
    data: z.object({ transportId }),
    reply: z.object({ iceParameters: z.looseObject({}) }),
  },
  'media.produce': {
    by: ['agent', 'caller'],
    data: z.object({
      transportId,
      kind: z.enum(['audio', 'video']),
      /** The agent's one-way share of a screen or window; a caller's video is always the camera. */
      screen: z.boolean().optional(),
      rtpParameters: RtpParameters,
    }),
    reply: z.object({ producerId: z.string() }),
  },
  /** The page has built its half of the consumer announced by `media.consumer`: send it a key frame. */
  'media.ready': {
    by: ['agent', 'caller', 'supervisor', 'guest'],
    data: z.object({ consumerId: z.string().max(80) }),
    reply: none,
  },

  'invite.issue': {
    by: ['agent'],
    data: z.object({
      ...onCall,
      language: Language,
      to: z.string().max(40).optional(),
      /** What the caller said on the telephone about a text message; refused means that none is sent. */
      sms: z.object({ given: z.boolean(), textVersion: z.string().max(40) }).optional(),
    }),
    reply: InviteView,
  },
  /** Another browser asked for the caller's place; the agent lets it in or not. */
  'invite.rebind': {
    by: ['agent'],
    data: z.object({ ...onCall, requestId: z.string().max(80), allow: z.boolean() }),
    reply: none,
  },

  'scenario.choose': { by: ['agent'], data: z.object({ ...onCall, scenario: z.string().max(40) }), reply: none },
  /** The phone asks the caller; the answer comes as an entry. */
  'consent.ask': { by: ['agent'], data: z.object({ ...onCall, kind: ConsentKind }), reply: none },
  'consent.answer': { by: ['caller'], data: z.object({ consent: Consent }), reply: none },
  /** Given leave is taken back, as easily as it was given. */
  'consent.withdraw': { by: ['caller'], data: z.object({ kind: ConsentKind }), reply: none },

  /** The card shutter: closes at once; opens when nothing said or shown behind it is still on its way. */
  'capture.pause': { by: ['agent'], data: z.object(onCall), reply: none },
  'capture.resume': { by: ['agent'], data: z.object(onCall), reply: none },
  /** Where the kind of call leaves recording to the agent. */
  'recording.start': { by: ['agent'], data: z.object(onCall), reply: none },
  'recording.stop': { by: ['agent'], data: z.object(onCall), reply: none },
  'call.flag': { by: ['agent'], data: z.object({ ...onCall, flag: z.string().max(40), on: z.boolean() }), reply: none },

  'camera.abilities': { by: ['caller'], data: z.object({ abilities: CameraAbilities }), reply: none },
  'camera.control': { by: ['agent'], data: z.object({ ...onCall, control: CameraControl }), reply: none },
  'camera.controlled': {
    by: ['caller'],
    data: z.object({ control: CameraControl, outcome: ControlOutcome }),
    reply: none,
  },
  'camera.notice': { by: ['caller'], data: z.object({ notice: CameraNotice }), reply: none },
  'picture.rung': {
    by: ['caller'],
    data: z.object({
      rung: Rung,
      because: z.enum(['measured', 'no-connection', 'agent', 'recovered']),
      network: NetworkMeasure,
    }),
    reply: none,
  },
  /** A measurement without a change of rung, every few seconds; shown, not journalled. */
  'picture.measured': { by: ['caller'], data: z.object({ network: NetworkMeasure }), reply: none },
  /** The agent holds a rung, or lets the phone decide again. */
  'picture.prefer': {
    by: ['agent'],
    data: z.object({ ...onCall, rung: z.union([Rung, z.literal('auto')]) }),
    reply: none,
  },

  /** The shutter: what the agent saw now, and the phone's best still as it arrives. */
  'stage.freeze': { by: ['agent'], data: z.object(onCall), reply: z.object({ pageId: PageId }) },
  'stage.page': { by: ['agent'], data: z.object({ ...onCall, pageId: PageId }), reply: none },
  'stage.live': { by: ['agent'], data: z.object(onCall), reply: none },
  'still.failed': { by: ['caller'], data: z.object({ pageId: PageId, reason: z.string().max(120) }), reply: none },
  'page.loaded': { by: ['caller'], data: z.object({ pageId: PageId }), reply: none },
  'page.seen': { by: ['caller'], data: z.object({ pageId: PageId }), reply: none },
  'page.copied': {
    by: ['caller'],
    data: z.object({ pageId: PageId, row: z.number().int().min(0).max(20) }),
    reply: none,
  },
  'caller.look': {
    by: ['caller'],
    data: z.object({ at: z.union([z.enum(['live', 'share', 'away']), PageId]) }),
    reply: none,
  },

  'mark.begin': {
    by: DRAWERS,
    data: z.object({ ...onCall, on: Surface, mark: Mark, replaces: MarkId.optional(), anchor: Anchor.optional() }),
    reply: none,
  },
  'mark.extend': {
    by: DRAWERS,
    data: z.object({ ...onCall, on: Surface, markId: MarkId, points: z.array(Point).min(1).max(200) }),
    reply: none,
  },
  /** The eraser: marks of one's own; the agent may erase anybody's. */
  'marks.erase': {
    by: DRAWERS,
    data: z.object({ ...onCall, on: Surface, markIds: z.array(MarkId).min(1).max(50) }),
    reply: none,
  },
  /** The agent clears the surface, everybody else what they drew themselves. */
  'marks.clear': { by: DRAWERS, data: z.object({ ...onCall, on: Surface }), reply: none },
  /** Takes back, or brings again, the author's newest action (mark, erasure, clearing) on that surface. */
  'ink.undo': { by: DRAWERS, data: z.object({ ...onCall, on: Surface }), reply: none },
  'ink.redo': { by: DRAWERS, data: z.object({ ...onCall, on: Surface }), reply: none },
  /** Where the tracker of the agent's browser sees the live marks now; a few times a second, only when they moved. */
  'marks.pose': {
    by: ['agent'],
    data: z.object({ ...onCall, poses: z.array(MarkPose).min(1).max(50) }),
    reply: none,
  },
  'pointer.move': {
    by: DRAWERS,
    data: z.object({
      ...onCall,
      on: Surface,
      /** x, y in 0..1 and milliseconds since the first point of this message. */
      points: z
        .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1), z.number().nonnegative()]))
        .min(1)
        .max(60),
      rtpTimestamp: z.number().int().nonnegative().optional(),
      epoch: z.number().int().nonnegative().optional(),
    }),
    reply: none,
  },

  'text.read': {
    by: ['agent'],
    data: z.object({ ...onCall, pageId: PageId, region: Region.optional() }),
    reply: RecognisedText,
  },
  'text.correct': {
    by: ['agent'],
    data: z.object({ ...onCall, reading: z.number().int(), text: z.string().max(20_000) }),
    reply: none,
  },
  'codes.read': {
    by: ['agent'],
    data: z.object({ ...onCall, pageId: PageId, region: Region.optional() }),
    reply: CodesFound,
  },
  /** Seen by the agent's browser in the live picture. */
  'codes.seen': {
    by: ['agent'],
    data: z.object({ ...onCall, rtpTimestamp: z.number().int().nonnegative(), codes: z.array(Code).min(1).max(20) }),
    reply: CodesFound,
  },
  'document.read': {
    by: ['agent'],
    data: z.object({ ...onCall, pageId: PageId, kind: DocumentKind, region: Region.optional() }),
    reply: DocumentReading,
  },
  'document.judge': {
    by: ['agent'],
    data: z.object({ ...onCall, reading: z.number().int(), verdict: z.enum(['matches', 'differs', 'unreadable']) }),
    reply: none,
  },
  'face.compare': {
    by: ['agent'],
    data: z.object({ ...onCall, documentPageId: PageId, facePageId: PageId }),
    reply: FaceComparison,
  },

  'push.card': { by: ['agent'], data: z.object({ ...onCall, card: Card }), reply: z.object({ pageId: PageId }) },
  'push.diagram': {
    by: ['agent'],
    data: z.object({ ...onCall, diagramId: z.string().max(80) }),
    reply: z.object({ pageId: PageId }),
  },
  /** A page of a PDF handed over before by HTTP. */
  'push.pdfPage': {
    by: ['agent'],
    data: z.object({ ...onCall, documentId: z.string().max(40), page: z.number().int().positive() }),
    reply: z.object({ pageId: PageId }),
  },
  'library.search': {
    by: ['agent'],
    data: z.object({ words: z.string().max(80) }),
    reply: z.object({ diagrams: z.array(Diagram).max(200) }),
  },
  /** The agent's screen or window is on the stage as soon as it is produced (`media.produce` with `screen`). */
  'share.stop': { by: ['agent'], data: z.object(onCall), reply: none },
  /** A transport to receive on: the phone asks when a screen is shared, not before. */
  'media.receive': {
    by: ['caller'],
    data: z.object({ rtpCapabilities: RtpCapabilities }),
    reply: z.object({ receive: TransportParams }),
  },

  'guest.invite': {
    by: ['agent'],
    data: z.object({ ...onCall, name: z.string().min(1).max(80), language: Language }),
    reply: z.object({ link: z.string(), qrSvg: z.string(), expiresAt: z.iso.datetime() }),
  },
  'guest.remove': { by: ['agent'], data: z.object({ ...onCall, participantId: ParticipantId }), reply: none },
  /** The calls a supervisor may look on; a guest has but one. */
  'watch.calls': { by: ['supervisor'], data: none, reply: z.object({ calls: z.array(CallView) }) },
  'watch.enter': {
    by: ['supervisor', 'guest'],
    data: z.object({ ...onCall, rtpCapabilities: RtpCapabilities }),
    reply: WatchSession,
  },
  'watch.leave': { by: ['supervisor', 'guest'], data: z.object(onCall), reply: none },
} as const satisfies Record<string, RequestSpec>

export type RequestName = keyof typeof REQUESTS
export type RequestData<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['data']>
export type RequestReply<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['reply']>
