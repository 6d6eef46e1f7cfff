import * as z from 'zod'
import { ERROR_CODES } from './errors.ts'

/** What a browser sends. */
export const Request = z.object({
  kind: z.literal('request'),
  id: z.number().int().nonnegative(),
  name: z.string().max(40),
  data: z.unknown(),
})
export type Request = z.infer<typeof Request>

/** What the server sends. */
export const ServerMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reply'), id: z.number().int(), data: z.unknown() }),
  z.object({ kind: z.literal('refusal'), id: z.number().int(), code: z.enum(ERROR_CODES), message: z.string() }),
  z.object({ kind: z.literal('notification'), name: z.string(), data: z.unknown() }),
])
export type ServerMessage = z.infer<typeof ServerMessage>
