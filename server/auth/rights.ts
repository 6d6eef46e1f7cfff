import * as z from 'zod'
import { RIGHTS } from '../../signaling/protocol/rights.ts'

export const Right = z.enum(RIGHTS)
export type Right = z.infer<typeof Right>
