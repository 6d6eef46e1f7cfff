import * as z from 'zod'

/** Keys of a telephone (RFC 4733 section 3.2). */
export const DialKey = z.enum(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'])
export type DialKey = z.infer<typeof DialKey>

/** What a person types to call or to transfer to: a number with the usual separators, or a SIP or tel address. */
export const DialTarget = z.string().trim().min(1).max(120)

/** Why somebody could not be called, in the words that people use. */
export const DialFailure = z.enum([
  'busy',
  'no-answer',
  'rejected',
  'wrong-number',
  /** The trunk takes no such call of ours. */
  'not-allowed',
  'unreachable',
  'not-acceptable',
  'cancelled',
  'failed',
])
export type DialFailure = z.infer<typeof DialFailure>

/** Why a transfer did not come about: the far end cannot be asked for one, or it could not reach the other. */
export const TransferFailure = z.union([z.literal('not-supported'), DialFailure])
export type TransferFailure = z.infer<typeof TransferFailure>

/**
 * Our own hold. It begins at once here (the caller hears music, the agent hears nothing); `asked` and `retrieving` until the
 * far end has agreed. `unsignalled`: it did not take the offer; music plays all the same.
 */
export const HoldState = z.enum(['none', 'asked', 'held', 'unsignalled', 'retrieving'])
export type HoldState = z.infer<typeof HoldState>

export const Consultation = z.object({
  to: z.string().max(120),
  state: z.enum(['dialling', 'ringing', 'talking']),
  /** With whom the agent speaks now; the other one hears music. */
  speaking: z.enum(['caller', 'consulted']),
})
export type Consultation = z.infer<typeof Consultation>

/** Why a consultation came to nothing or ended, when that was not the agent's wish. */
export const ConsultFailure = z.union([z.literal('hung-up'), DialFailure])
export type ConsultFailure = z.infer<typeof ConsultFailure>

/** Who connects the two: the far end, asked by REFER, or this server, which then stays between them. */
export const TransferWay = z.enum(['refer', 'bridge'])
export type TransferWay = z.infer<typeof TransferWay>

export const Transfer = z.object({
  to: z.string().max(120),
  kind: z.enum(['blind', 'attended']),
  way: TransferWay,
  state: z.enum(['asked', 'trying', 'ringing', 'failed']),
  failure: TransferFailure.optional(),
})
export type Transfer = z.infer<typeof Transfer>

/** What the agent can do with the voice of a call, and how far it has got. */
export const VoiceControlView = z.object({
  hold: HoldState,
  muted: z.boolean(),
  /** How keys go to the far end. */
  keys: z.enum(['rtp', 'info']),
  consult: Consultation.optional(),
  /** Of the last consultation, where it ended by itself. */
  consultFailure: z.object({ to: z.string().max(120), why: ConsultFailure }).optional(),
  transfer: Transfer.optional(),
  /** Whether a trunk is there to consult somebody through. */
  mayConsult: z.boolean(),
})
export type VoiceControlView = z.infer<typeof VoiceControlView>
