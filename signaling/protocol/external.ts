import * as z from 'zod'

/** Where a call's voice is: carried by us; elsewhere and only the picture here; or elsewhere and handed to us for the record (SIPREC). */
export const VoicePlace = z.enum(['here', 'elsewhere', 'recorded'])
export type VoicePlace = z.infer<typeof VoicePlace>

/** Who told us of a call that is held elsewhere. */
export const ExternalOrigin = z.enum(['api', 'siprec'])
export type ExternalOrigin = z.infer<typeof ExternalOrigin>

/** What the other system calls its call. */
export const ExternalName = z.object({
  /** The integration that registered it, as configured here. */
  system: z.string().max(40),
  id: z.string().min(1).max(200),
  origin: ExternalOrigin,
})
export type ExternalName = z.infer<typeof ExternalName>

/** What the other system wants to find again in the record: order number, queue, … As label and value, like all that people read. */
export const ExternalAttributes = z
  .array(z.object({ label: z.string().min(1).max(40), value: z.string().max(200) }))
  .max(20)
export type ExternalAttributes = z.infer<typeof ExternalAttributes>
