import * as z from 'zod'
import { UserId } from './ids.ts'
import { DialFailure } from './voice.ts'

/** By what the agent speaks and hears in a call: the page, or a telephone of the agent's own. */
export const SpeaksBy = z.enum(['browser', 'phone'])
export type SpeaksBy = z.infer<typeof SpeaksBy>

/** The telephone an agent may take calls on, as the operator has set it. */
export const DeskPhone = z.object({
  /** A number behind the trunk, or a SIP address. */
  address: z.string().max(120),
  /** By what the next call is answered. */
  by: SpeaksBy,
})
export type DeskPhone = z.infer<typeof DeskPhone>

/** Where the agent's voice is in one call, or is about to be. */
export const AgentVoiceView = z.object({
  /** As wished. While `phone` is there it carries the voice until the browser is heard. */
  by: SpeaksBy,
  /** `lost`: it was talked on and is gone without having been hung up. */
  phone: z.enum(['called', 'ringing', 'talking', 'lost']).optional(),
  /** Why it was not reached last; `agent`: whose it was, for the call may be everybody's again. */
  failed: z.object({ agent: UserId, why: DialFailure }).optional(),
})
export type AgentVoiceView = z.infer<typeof AgentVoiceView>
