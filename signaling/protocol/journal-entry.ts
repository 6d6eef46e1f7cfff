import * as z from 'zod'
import { CallEnd, CameraTrouble, Consent, JoinRefusal, Language, Participant } from './call.ts'
import { CapturePart, PauseTrigger, RecordingCause, ResumeCause } from './capture.ts'
import { SpeaksBy } from './desk-phone.ts'
import { ExternalAttributes, ExternalName } from './external.ts'
import { CallId, InviteId, MarkId, PageId, ParticipantId, UploadId, UserId } from './ids.ts'
import { Anchor, Mark, MarkPose, Point, Surface } from './mark.ts'
import { Page, Picture } from './page.ts'
import { CameraAbilities, CameraControl, CameraNotice, ControlOutcome, NetworkMeasure, Rung } from './phone.ts'
import { CodesFound, DocumentReading, FaceComparison, RecognisedText } from './reading.ts'
import { ConsentKind, Scenario, Tool } from './scenario.ts'
import { Consultation, ConsultFailure, DialFailure, DialKey, Transfer, TransferFailure, TransferWay } from './voice.ts'

/** The tracks of a call; their files are `tracks/<name>-<n>.rtpj`. */
export const TrackName = z.enum(['caller-voice', 'agent-voice', 'caller-camera', 'agent-screen'])
export type TrackName = z.infer<typeof TrackName>

/** One voice line of a recording client (SIPREC): in which track it is recorded, and as whose voice. */
export const VoiceLineSpeaker = z.object({
  label: z.string().max(200),
  track: TrackName.extract(['caller-voice', 'agent-voice']),
  /** `other`: somebody who is neither caller nor agent of the first description. */
  speaker: z.enum(['caller', 'agent', 'other', 'unknown']),
})
export type VoiceLineSpeaker = z.infer<typeof VoiceLineSpeaker>

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
    /** Missing when the voice of the call is elsewhere. */
    voiceCodec: z.enum(['PCMU', 'PCMA', 'G722', 'opus']).optional(),
  }),
  /** The call is another system's: it follows the answer at once. */
  z.object({ ...at, type: z.literal('call.external'), name: ExternalName, attributes: ExternalAttributes }),
  /** Both voices of a call that is held elsewhere come to us from here on, or do not any more. */
  z.object({ ...at, type: z.literal('voice.attached'), codec: z.string() }),
  z.object({ ...at, type: z.literal('voice.detached') }),
  /** Who speaks in which line is another from here on; in the tracks of `changed` somebody else is heard, or several people. */
  z.object({
    ...at,
    type: z.literal('voice.speakers'),
    lines: z.array(VoiceLineSpeaker).max(8),
    changed: z.array(VoiceLineSpeaker.shape.track),
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
  /** The agent's microphone is off: the caller hears silence. */
  z.object({ ...at, type: z.literal('voice.muted'), on: z.boolean() }),
  /** The agent speaks by something else than before; a call begins in the browser unless this follows its answer. */
  z.object({ ...at, type: z.literal('agent.speaks'), by: SpeaksBy }),
  z.object({ ...at, type: z.literal('agent.phone-failed'), failure: DialFailure }),
  /** The agent's phone is gone without having been hung up. */
  z.object({ ...at, type: z.literal('agent.phone-lost') }),
  /** A key that the agent sent to the far end; no digit behind the card shutter, nor of those to somebody who is consulted. */
  z.object({
    ...at,
    type: z.literal('voice.key'),
    way: z.enum(['rtp', 'info']),
    digit: DialKey.optional(),
    to: z.literal('consulted').optional(),
  }),
  z.object({ ...at, type: z.literal('transfer.asked'), kind: Transfer.shape.kind, to: z.string().max(120) }),
  z.object({ ...at, type: z.literal('transfer.failed'), failure: TransferFailure }),
  /** The far end cannot be asked, or could not do it: this server calls the other one, or connects the one who was asked. */
  z.object({ ...at, type: z.literal('transfer.bridging') }),
  /**
   * The other one has answered; the call ends with it, and so does its record. `bridge`: caller and other one speak through
   * this server from here on, unrecorded. Left out in records of before: `refer`.
   */
  z.object({ ...at, type: z.literal('transfer.done'), way: TransferWay.optional() }),
  /** The agent speaks with somebody else meanwhile. Nothing of that is recorded. */
  z.object({ ...at, type: z.literal('consult.began'), to: z.string().max(120) }),
  z.object({ ...at, type: z.literal('consult.answered') }),
  z.object({ ...at, type: z.literal('consult.speaking'), with: Consultation.shape.speaking }),
  z.object({ ...at, type: z.literal('consult.ended'), failure: ConsultFailure.optional() }),
  /** The agent's page went away (reload, crash, network): the caller hears the hold tone. */
  z.object({ ...at, type: z.literal('agent.away') }),
  z.object({ ...at, type: z.literal('agent.back') }),
  /** The media worker died: no voice and no picture goes through until `media.back`; the phone call stands. */
  z.object({ ...at, type: z.literal('media.lost') }),
  /** A new room stands; both pages come back into it. */
  z.object({ ...at, type: z.literal('media.back') }),
  z.object({ ...at, type: z.literal('voice.lost'), silentForMs: z.number() }),
  z.object({ ...at, type: z.literal('voice.found') }),

  z.object({
    ...at,
    type: z.literal('invite.issued'),
    inviteId: InviteId,
    /** Nobody when another system asked for it together with its call. */
    by: by.optional(),
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
  z.object({
    ...at,
    type: z.literal('consent.given'),
    inviteId: InviteId.optional(),
    consent: Consent,
    /** Who wrote it down: the caller by a tap, or the agent for what was said on the telephone. */
    by: by.optional(),
    recordedBy: z.enum(['caller', 'agent']).optional(),
    /** Of the caller's browser. The id is one of this call only: SHA-256 over call id and device id, 16 hex digits. */
    device: z.object({ userAgent: z.string().max(300), idHash: z.string().max(64) }).optional(),
  }),

  z.object({ ...at, type: z.literal('camera.started'), by }),
  z.object({ ...at, type: z.literal('camera.live'), by }),
  /** By the caller, or because the voice is on hold; then it comes back with the voice. */
  z.object({ ...at, type: z.literal('camera.paused'), by, because: z.literal('hold').optional() }),
  z.object({ ...at, type: z.literal('camera.resumed'), by, because: z.literal('hold').optional() }),
  z.object({ ...at, type: z.literal('camera.switched'), by, facing: z.enum(['user', 'environment']) }),
  z.object({ ...at, type: z.literal('camera.torch'), by, on: z.boolean() }),
  z.object({ ...at, type: z.literal('camera.interrupted'), by }),
  z.object({ ...at, type: z.literal('camera.failed'), by, trouble: CameraTrouble }),
  z.object({ ...at, type: z.literal('camera.stopped'), by }),

  /** The phone was turned (or its encoder changed shape): seen by the server at a key frame of other dimensions. */
  z.object({
    ...at,
    type: z.literal('camera.turned'),
    by,
    epoch: z.number().int().nonnegative(),
    widthPx: z.number().int().positive(),
    heightPx: z.number().int().positive(),
  }),
  z.object({ ...at, type: z.literal('camera.abilities'), by, abilities: CameraAbilities }),
  z.object({ ...at, type: z.literal('camera.controlled'), by, control: CameraControl, outcome: ControlOutcome }),
  z.object({ ...at, type: z.literal('camera.noticed'), by, notice: CameraNotice }),
  z.object({
    ...at,
    type: z.literal('picture.rung'),
    by,
    rung: Rung,
    /** `measured` by the phone, or wished by the agent. */
    because: z.enum(['measured', 'no-connection', 'agent', 'recovered']),
    network: NetworkMeasure,
  }),
  /** One still of the slow scan. */
  z.object({ ...at, type: z.literal('scan.frame'), by, picture: Picture }),

  z.object({
    ...at,
    type: z.literal('scenario.chosen'),
    by: by.optional(),
    scenario: z.string().max(40),
    title: Scenario.shape.title,
    retentionClass: z.string().max(40),
    /** What the call may use from here on: a file of scenarios may be another one tomorrow. */
    tools: z.array(Tool),
  }),
  z.object({ ...at, type: z.literal('consent.asked'), by, kind: ConsentKind }),
  z.object({ ...at, type: z.literal('consent.withdrawn'), by, kind: ConsentKind }),

  z.object({ ...at, type: z.literal('page.added'), page: Page }),
  /** A better picture of the same page arrived; marks stay, for both have the same shape. */
  z.object({ ...at, type: z.literal('page.bettered'), pageId: PageId, picture: Picture }),
  z.object({ ...at, type: z.literal('page.loaded'), by, pageId: PageId }),
  z.object({ ...at, type: z.literal('page.seen'), by, pageId: PageId }),
  /** A row of a text card was copied on the phone. */
  z.object({ ...at, type: z.literal('page.copied'), by, pageId: PageId, row: z.number().int().nonnegative() }),
  z.object({ ...at, type: z.literal('still.failed'), by, pageId: PageId, reason: z.string().max(120) }),
  z.object({ ...at, type: z.literal('stage.page'), by, pageId: PageId }),
  z.object({ ...at, type: z.literal('stage.live'), by }),
  z.object({ ...at, type: z.literal('caller.looked'), by, at: z.union([z.enum(['live', 'share', 'away']), PageId]) }),
  z.object({ ...at, type: z.literal('share.started'), by }),
  z.object({ ...at, type: z.literal('share.stopped'), by }),

  z.object({
    ...at,
    type: z.literal('mark.begun'),
    by,
    on: Surface,
    mark: Mark,
    /** The author's own mark that this one stands for from now on (a snapped shape, a text rewritten): one action. */
    replaces: MarkId.optional(),
    anchor: Anchor.optional(),
  }),
  z.object({
    ...at,
    type: z.literal('mark.extended'),
    by,
    on: Surface,
    markId: MarkId,
    points: z.array(Point).min(1).max(200),
  }),
  z.object({
    ...at,
    type: z.literal('marks.erased'),
    by,
    on: Surface,
    markIds: z.array(MarkId).min(1).max(400),
    all: z.boolean(),
  }),
  /** `action`: the `seq` of the author's own mark.begun or marks.erased. */
  z.object({ ...at, type: z.literal('ink.undone'), by, on: Surface, action: z.number().int() }),
  z.object({ ...at, type: z.literal('ink.redone'), by, on: Surface, action: z.number().int() }),
  z.object({ ...at, type: z.literal('marks.posed'), by, poses: z.array(MarkPose).min(1).max(50) }),
  /** The laser pointer, a few samples a second; it leaves no ink. `atMs` of each point counts from the first. */
  z.object({
    ...at,
    type: z.literal('pointer.moved'),
    by,
    on: Surface,
    points: z
      .array(z.tuple([z.number(), z.number(), z.number()]))
      .min(1)
      .max(60),
  }),

  z.object({ ...at, type: z.literal('text.recognised'), by, result: RecognisedText }),
  z.object({ ...at, type: z.literal('text.failed'), by, pageId: PageId, reason: z.string().max(120) }),
  /** The agent's own reading of what the machine read: `reading` is the `seq` of text.recognised. */
  z.object({ ...at, type: z.literal('text.corrected'), by, reading: z.number().int(), text: z.string().max(20_000) }),
  z.object({ ...at, type: z.literal('codes.found'), by, result: CodesFound }),
  z.object({ ...at, type: z.literal('document.read'), by, result: DocumentReading }),
  z.object({
    ...at,
    type: z.literal('document.judged'),
    by,
    reading: z.number().int(),
    verdict: z.enum(['matches', 'differs', 'unreadable']),
  }),
  z.object({ ...at, type: z.literal('face.compared'), by, result: FaceComparison }),
  z.object({
    ...at,
    type: z.literal('upload.begun'),
    by,
    uploadId: UploadId,
    name: z.string().max(120),
    mimeType: z.string().max(80),
    sizeBytes: z.number().int(),
  }),
  z.object({ ...at, type: z.literal('upload.refused'), by, uploadId: UploadId, reason: z.string().max(80) }),
  /** A file that is no picture (a PDF): kept as it is, its pages follow as `page.added`. */
  z.object({
    ...at,
    type: z.literal('file.received'),
    by,
    file: z.string(),
    sha256: z.string(),
    mimeType: z.string().max(80),
    name: z.string().max(120),
  }),

  z.object({ ...at, type: z.literal('invite.rebind-asked'), inviteId: InviteId, userAgent: z.string().max(300) }),
  z.object({ ...at, type: z.literal('invite.rebind-answered'), inviteId: InviteId, by, allowed: z.boolean() }),
  z.object({ ...at, type: z.literal('guest.invited'), by, name: z.string().max(80), expiresAt: z.iso.datetime() }),
  z.object({ ...at, type: z.literal('guest.removed'), by, participantId: ParticipantId }),

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
  /** Of a kind of call that does not record from beginning to end. */
  z.object({
    ...at,
    type: z.literal('recording.started'),
    by: by.optional(),
    parts: z.array(CapturePart).min(1),
    because: RecordingCause,
  }),
  z.object({
    ...at,
    type: z.literal('recording.stopped'),
    by: by.optional(),
    parts: z.array(CapturePart).min(1),
    because: RecordingCause,
  }),
  /** The card shutter: between these two entries nothing is captured. Without a second one it lasts until the call ends. */
  z.object({
    ...at,
    type: z.literal('capture.paused'),
    by: by.optional(),
    trigger: PauseTrigger,
    limitMs: z.number().int().positive(),
  }),
  z.object({ ...at, type: z.literal('capture.resumed'), by: by.optional(), because: ResumeCause }),
  /** A flag set or taken away: by the agent, or without `by` by the operator's own system. */
  z.object({ ...at, type: z.literal('call.flagged'), by: by.optional(), flag: z.string().max(40), on: z.boolean() }),
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
