import * as z from 'zod'
import {
  CallEnd,
  CameraTrouble,
  Consent,
  JoinRefusal,
  Language,
  Participant,
  RecognisedText,
  Snapshot,
} from './call.ts'
import { CallId, InviteId, MarkId, ParticipantId, SnapshotId, UserId } from './ids.ts'
import { Mark, Point } from './mark.ts'

/** The three tracks of a call; their files are `tracks/<name>-<n>.rtpj`. */
export const TrackName = z.enum(['caller-voice', 'agent-voice', 'caller-camera'])
export type TrackName = z.infer<typeof TrackName>

const at = { seq: z.number().int().nonnegative(), atMs: z.number().nonnegative(), prev: z.string() }
const by = ParticipantId

/**
 * One line of journal.jsonl. `atMs` counts from the answer of the call on one monotonic clock;
 * `prev` is the SHA-256 (hex) of the line before, without its line feed; 64 zeros for entry 0.
 */
export const JournalEntry = z.discriminatedUnion('type', [
  z.object({
    ...at,
    type: z.literal('call.answered'),
    callId: CallId,
    wallClock: z.iso.datetime(),
    from: z.string(),
    to: z.string(),
    agent: z.object({ id: UserId, name: z.string() }),
    voiceCodec: z.enum(['PCMU', 'PCMA']),
  }),
  z.object({
    ...at,
    type: z.literal('participant.joined'),
    participant: Participant,
    userAgent: z.string().max(300).optional(),
  }),
  z.object({ ...at, type: z.literal('participant.left'), participantId: by, reason: z.string().max(80) }),
  z.object({ ...at, type: z.literal('voice.held'), by: z.enum(['caller', 'agent']) }),
  z.object({ ...at, type: z.literal('voice.retrieved'), by: z.enum(['caller', 'agent']) }),
  /** The agent's page went away (reload, crash, network): the caller hears the hold tone. */
  z.object({ ...at, type: z.literal('agent.away') }),
  z.object({ ...at, type: z.literal('agent.back') }),
  z.object({ ...at, type: z.literal('voice.lost'), silentForMs: z.number() }),
  z.object({ ...at, type: z.literal('voice.found') }),

  z.object({
    ...at,
    type: z.literal('invite.issued'),
    inviteId: InviteId,
    by,
    language: Language,
    expiresAt: z.iso.datetime(),
  }),
  z.object({
    ...at,
    type: z.literal('invite.handed-over'),
    inviteId: InviteId,
    channel: z.enum(['outbox', 'webhook']),
  }),
  z.object({ ...at, type: z.literal('invite.delivery-failed'), inviteId: InviteId, reason: z.string().max(120) }),
  z.object({ ...at, type: z.literal('invite.opened'), inviteId: InviteId, userAgent: z.string().max(300) }),
  z.object({
    ...at,
    type: z.literal('invite.spent'),
    inviteId: InviteId,
    via: z.enum(['link', 'digits']),
    userAgent: z.string().max(300),
  }),
  z.object({ ...at, type: z.literal('invite.refused'), inviteId: InviteId, reason: JoinRefusal }),
  z.object({ ...at, type: z.literal('invite.expired'), inviteId: InviteId }),
  z.object({ ...at, type: z.literal('consent.given'), inviteId: InviteId, consent: Consent }),

  z.object({ ...at, type: z.literal('camera.started'), by }),
  z.object({ ...at, type: z.literal('camera.live'), by }),
  z.object({ ...at, type: z.literal('camera.paused'), by }),
  z.object({ ...at, type: z.literal('camera.resumed'), by }),
  z.object({ ...at, type: z.literal('camera.switched'), by, facing: z.enum(['user', 'environment']) }),
  z.object({ ...at, type: z.literal('camera.torch'), by, on: z.boolean() }),
  z.object({ ...at, type: z.literal('camera.interrupted'), by }),
  z.object({ ...at, type: z.literal('camera.failed'), by, trouble: CameraTrouble }),
  z.object({ ...at, type: z.literal('camera.stopped'), by }),

  z.object({ ...at, type: z.literal('snapshot.taken'), snapshot: Snapshot }),
  z.object({ ...at, type: z.literal('stage.page'), by, snapshotId: SnapshotId }),
  z.object({ ...at, type: z.literal('stage.live'), by }),
  z.object({ ...at, type: z.literal('mark.begun'), by, on: SnapshotId, mark: Mark }),
  z.object({
    ...at,
    type: z.literal('mark.extended'),
    by,
    on: SnapshotId,
    markId: MarkId,
    points: z.array(Point).min(1).max(200),
  }),
  z.object({ ...at, type: z.literal('mark.undone'), by, on: SnapshotId, markId: MarkId }),
  z.object({ ...at, type: z.literal('marks.cleared'), by, on: SnapshotId }),
  z.object({ ...at, type: z.literal('text.recognised'), by, result: RecognisedText }),
  z.object({ ...at, type: z.literal('text.failed'), by, snapshotId: SnapshotId, reason: z.string().max(120) }),

  z.object({ ...at, type: z.literal('track.opened'), track: TrackName, file: z.string(), codec: z.string() }),
  z.object({
    ...at,
    type: z.literal('track.closed'),
    track: TrackName,
    file: z.string(),
    packets: z.number().int(),
    packetsLost: z.number().int(),
  }),
  z.object({ ...at, type: z.literal('recording.degraded'), reason: z.string().max(120) }),
  z.object({ ...at, type: z.literal('call.ended'), end: CallEnd }),
])
export type JournalEntry = z.infer<typeof JournalEntry>
export type JournalType = JournalEntry['type']
/** What a caller of the journal writes; seq, atMs and prev are the journal's own business. */
export type JournalEvent = JournalEntry extends infer E
  ? E extends JournalEntry
    ? Omit<E, 'seq' | 'atMs' | 'prev'>
    : never
  : never
