import * as z from 'zod'
import { CaptureView } from './capture.ts'
import { AgentVoiceView } from './desk-phone.ts'
import { ExternalName, VoicePlace } from './external.ts'
import { CallId, InviteId, ParticipantId, UserId } from './ids.ts'
import { CameraAbilities, NetworkMeasure, Rung } from './phone.ts'
import { ConsentKind, Tool } from './scenario.ts'
import { DialFailure, VoiceControlView } from './voice.ts'

/** A supervisor looks on silently; a guest is an expert let in by link, with fewer rights. */
export const Role = z.enum(['caller', 'agent', 'reviewer', 'supervisor', 'guest'])
export type Role = z.infer<typeof Role>
export const Language = z.enum(['zh-CN', 'en'])
export type Language = z.infer<typeof Language>

export const Participant = z.object({
  id: ParticipantId,
  role: z.enum(['caller', 'agent', 'supervisor', 'guest']),
  displayName: z.string().max(80),
})
export type Participant = z.infer<typeof Participant>

/** What the other side's network said of it (RFC 3326): SIP 200 for "answered elsewhere", Q.850 16 for an ordinary end. */
const PeerReason = z.object({
  protocol: z.enum(['SIP', 'Q.850']),
  cause: z.number().int(),
  text: z.string().max(120),
})

/** Why a call ended. One vocabulary for SIP replies, metrics, journal and manifest. */
export const CallEnd = z.discriminatedUnion('cause', [
  z.object({ cause: z.literal('caller-hung-up'), reason: PeerReason.optional() }),
  z.object({ cause: z.literal('agent-hung-up') }),
  /** The caller gave up while it was still ringing. */
  z.object({ cause: z.literal('abandoned'), reason: PeerReason.optional() }),
  /** A call of ours that nobody answered. */
  z.object({
    cause: z.literal('not-reached'),
    failure: DialFailure,
    sipStatus: z.number().int(),
    reason: z.string().max(80),
  }),
  z.object({ cause: z.literal('no-answer'), rangForMs: z.number() }),
  z.object({ cause: z.literal('rejected'), sipStatus: z.number().int(), reason: z.string() }),
  z.object({ cause: z.literal('media-lost'), silentForMs: z.number() }),
  /** The telephone system does not know the call any more, or the far end stopped refreshing it (RFC 4028). */
  z.object({ cause: z.literal('line-lost'), why: z.enum(['dialog-lost', 'session-expired']) }),
  /** The system that holds the call says that it is over. */
  z.object({ cause: z.literal('ended-elsewhere') }),
  /** Nobody ended a call that is held elsewhere. */
  z.object({ cause: z.literal('time-limit'), limitMs: z.number() }),
  /** The far end took the call elsewhere, as the agent asked. */
  z.object({ cause: z.literal('transferred') }),
  z.object({ cause: z.literal('server-stopped') }),
  /** Found open at the next start: the process was killed or the machine lost power. */
  z.object({ cause: z.literal('server-crashed') }),
  z.object({ cause: z.literal('failed'), message: z.string() }),
])
export type CallEnd = z.infer<typeof CallEnd>

/** Why a link or code did not open the camera page. Each has a page of its own. */
export const JoinRefusal = z.enum([
  'unknown',
  'expired',
  'already-used',
  'other-device',
  'call-ended',
  'wrong-digits',
  'locked',
])
export type JoinRefusal = z.infer<typeof JoinRefusal>

/** Why no picture comes from the phone. */
export const CameraTrouble = z.enum(['denied', 'no-camera', 'in-use', 'not-secure', 'no-webrtc', 'network', 'other'])
export type CameraTrouble = z.infer<typeof CameraTrouble>

export const InviteState = z.enum([
  'sent',
  'delivery-failed',
  'opened',
  'consented',
  'camera-live',
  'failed',
  'expired',
])
export type InviteState = z.infer<typeof InviteState>

/** The line that moves in the workbench: sent · opened · agreed · camera on. */
export const InviteView = z.object({
  id: InviteId,
  state: InviteState,
  link: z.string(),
  qrSvg: z.string(),
  digits: z.string(),
  /** Short address the caller types when told the digits by voice, for example `https://help.example/`. */
  digitsAddress: z.string(),
  language: Language,
  expiresAt: z.iso.datetime(),
  delivery: z.object({ channel: z.enum(['outbox', 'webhook', 'none']), to: z.string(), text: z.string() }),
  trouble: z.union([JoinRefusal, CameraTrouble, z.literal('delivery')]).optional(),
})
export type InviteView = z.infer<typeof InviteView>

export const CameraState = z.enum(['none', 'starting', 'live', 'paused', 'interrupted', 'stopped'])
export type CameraState = z.infer<typeof CameraState>

/** What the workbench shows of one call. Pushed whole on every change. */
export const CallView = z.object({
  callId: CallId,
  from: z.string(),
  to: z.string(),
  /** `out`: the agent called. */
  direction: z.enum(['in', 'out']),
  phase: z.enum(['ringing', 'dialling', 'answering', 'talking', 'ended']),
  /** While `dialling`; with `early-media` the network's own tone or voice is heard, without it the page makes one. */
  dialling: z.enum(['trying', 'ringing', 'early-media']).optional(),
  rangAt: z.iso.datetime(),
  answeredAt: z.iso.datetime().optional(),
  /** Milliseconds since the answer when this view was made; the page counts on by itself. */
  elapsedMs: z.number().optional(),
  agent: z.object({ id: UserId, name: z.string() }).optional(),
  /** Anything but `here`: the conversation runs in another system, and there is no voice to control. */
  voice: VoicePlace,
  external: ExternalName.optional(),
  agentVoice: z.enum(['none', 'connecting', 'connected', 'away']),
  /** Missing: the agent speaks by the browser, and nothing else was tried. */
  agentBy: AgentVoiceView.optional(),
  heldByCaller: z.boolean(),
  /** While the call is talked on and its voice is here. */
  control: VoiceControlView.optional(),
  /** False when the caller's voice has stopped arriving without a hold. */
  callerVoice: z.boolean(),
  invite: InviteView.optional(),
  camera: CameraState,
  /** In one word: `degraded` whenever something is being lost, `paused` while the card shutter is closed. */
  recording: z.enum(['off', 'on', 'paused', 'degraded']),
  capture: CaptureView.optional(),
  /** Flags set on this call. */
  flags: z.array(z.string().max(40)).optional(),
  scenario: z.object({ id: z.string(), title: z.object({ 'zh-CN': z.string(), en: z.string() }) }),
  tools: z.array(Tool),
  /** What the caller has agreed to or refused so far; a kind that is missing has not been asked. */
  consents: z.partialRecord(ConsentKind, z.boolean()),
  /** How the picture travels, with the measurement that decided. */
  rung: Rung,
  network: NetworkMeasure.optional(),
  abilities: CameraAbilities.optional(),
  holdStill: z.boolean(),
  /** Everybody else who can see this call now. */
  onlookers: z.array(
    z.object({ participantId: ParticipantId, role: z.enum(['supervisor', 'guest']), name: z.string() }),
  ),
  /** Another browser asks to take over the caller's place (WeChat → Safari); the agent decides. */
  rebind: z.object({ requestId: z.string(), userAgent: z.string(), askedAt: z.iso.datetime() }).optional(),
  end: CallEnd.optional(),
})
export type CallView = z.infer<typeof CallView>

export const Consent = z.object({
  kind: ConsentKind,
  textVersion: z.string(),
  language: Language,
  given: z.boolean(),
})
export type Consent = z.infer<typeof Consent>
