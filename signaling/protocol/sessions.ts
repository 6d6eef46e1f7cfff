import * as z from 'zod'
import { CallView, Language } from './call.ts'
import { CallId, ParticipantId } from './ids.ts'
import { JournalEntry } from './journal-entry.ts'
import { TransportParams } from './media.ts'
import { ConsentKind, Tool } from './scenario.ts'

/** All an agent's page needs to speak and see in a call, in one round trip. */
export const AgentSession = z.object({
  call: CallView,
  participantId: ParticipantId,
  /** The journal so far; the page folds it. */
  entries: z.array(JournalEntry),
  /** Missing when the voice is elsewhere: then no microphone is wanted. */
  voiceCodec: z.enum(['PCMU', 'PCMA', 'G722', 'opus']).optional(),
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
  /** What the caller may use: `caller-draw`, `upload`. */
  tools: z.array(Tool),
  consents: z.partialRecord(ConsentKind, z.boolean()),
  send: TransportParams,
})
export type CallerSession = z.infer<typeof CallerSession>

/** What somebody who looks on (supervisor, guest) needs of a call. */
export const WatchSession = z.object({
  call: CallView,
  participantId: ParticipantId,
  role: z.enum(['supervisor', 'guest']),
  mayDraw: z.boolean(),
  language: Language,
  entries: z.array(JournalEntry),
  receive: TransportParams,
})
export type WatchSession = z.infer<typeof WatchSession>
