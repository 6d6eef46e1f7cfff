import * as z from 'zod'
import { CallView } from './call.ts'
import { CallId, PageId, ParticipantId } from './ids.ts'
import { JournalEntry } from './journal-entry.ts'
import { Surface } from './mark.ts'
import { ConsumerParams } from './media.ts'
import { CameraControl, Rung } from './phone.ts'
import { ConsentKind } from './scenario.ts'

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
  /** Somebody else's pointer, as it moves; volatile, not in the journal in this density. */
  'pointer.moved': z.object({
    callId: CallId,
    by: ParticipantId,
    on: Surface,
    points: z.array(z.tuple([z.number(), z.number(), z.number()])),
    rtpTimestamp: z.number().int().nonnegative().optional(),
    epoch: z.number().int().nonnegative().optional(),
  }),
  /** To the phone: send your best still for this page (HTTP, see docs). */
  'still.wanted': z.object({ callId: CallId, pageId: PageId }),
  /** To the phone: operate the camera; answer with `camera.controlled`. */
  'camera.control': z.object({ callId: CallId, control: CameraControl }),
  /** To the phone: the caller is to be asked; answer with `consent.answer`. */
  'consent.wanted': z.object({ callId: CallId, kind: ConsentKind }),
  /** To the phone: hold this rung, or decide again. */
  'picture.prefer': z.object({ callId: CallId, rung: z.union([Rung, z.literal('auto')]) }),
  /** The media worker died or the transports are gone: attach (agent) or enter (caller) again. */
  'media.lost': z.object({ callId: CallId }),
} as const satisfies Record<string, z.ZodType>
export type NotificationName = keyof typeof NOTIFICATIONS
export type NotificationData<N extends NotificationName> = z.infer<(typeof NOTIFICATIONS)[N]>
