import * as z from 'zod'
import { CallId, InviteId, ParticipantId, SnapshotId, UserId } from './ids.ts'

export const Role = z.enum(['caller', 'agent', 'reviewer'])
export type Role = z.infer<typeof Role>
export const Language = z.enum(['zh-CN', 'en'])
export type Language = z.infer<typeof Language>

export const Participant = z.object({
  id: ParticipantId,
  role: z.enum(['caller', 'agent']),
  displayName: z.string().max(80),
})
export type Participant = z.infer<typeof Participant>

/** Why a call ended. One vocabulary for SIP replies, metrics, journal and manifest. */
export const CallEnd = z.discriminatedUnion('cause', [
  z.object({ cause: z.literal('caller-hung-up') }),
  z.object({ cause: z.literal('agent-hung-up') }),
  /** The caller gave up while it was still ringing. */
  z.object({ cause: z.literal('abandoned') }),
  z.object({ cause: z.literal('no-answer'), rangForMs: z.number() }),
  z.object({ cause: z.literal('rejected'), sipStatus: z.number().int(), reason: z.string() }),
  z.object({ cause: z.literal('media-lost'), silentForMs: z.number() }),
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
  delivery: z.object({ channel: z.enum(['outbox', 'webhook']), to: z.string(), text: z.string() }),
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
  phase: z.enum(['ringing', 'answering', 'talking', 'ended']),
  rangAt: z.iso.datetime(),
  answeredAt: z.iso.datetime().optional(),
  /** Milliseconds since the answer when this view was made; the page counts on by itself. */
  elapsedMs: z.number().optional(),
  agent: z.object({ id: UserId, name: z.string() }).optional(),
  agentVoice: z.enum(['none', 'connecting', 'connected', 'away']),
  heldByCaller: z.boolean(),
  /** False when the caller's voice has stopped arriving without a hold. */
  callerVoice: z.boolean(),
  invite: InviteView.optional(),
  camera: CameraState,
  recording: z.enum(['off', 'on', 'degraded']),
  end: CallEnd.optional(),
})
export type CallView = z.infer<typeof CallView>

export const Snapshot = z.object({
  id: SnapshotId,
  takenBy: ParticipantId,
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  /** Path inside the archive folder. */
  file: z.string(),
  sha256: z.string(),
  /** How the picture came to be: the key frame the server cut from the live stream. */
  source: z.enum(['server-key-frame']),
  rtpTimestamp: z.number().int().nonnegative(),
})
export type Snapshot = z.infer<typeof Snapshot>

export const Consent = z.object({
  kind: z.enum(['camera', 'recording']),
  textVersion: z.string(),
  language: Language,
  given: z.boolean(),
})
export type Consent = z.infer<typeof Consent>

/** A rectangle in 0..1 of the picture. */
export const Region = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().min(0).max(1),
  height: z.number().min(0).max(1),
})
export type Region = z.infer<typeof Region>

export const RecognisedText = z.object({
  snapshotId: SnapshotId,
  region: Region.optional(),
  text: z.string().max(20_000),
  /** 0..100, as tesseract reports it. */
  confidence: z.number(),
  lines: z.array(z.object({ text: z.string(), confidence: z.number(), box: Region })).max(500),
})
export type RecognisedText = z.infer<typeof RecognisedText>
