import * as z from 'zod'
import { Certificate } from '../../recordings/retention/certificate.ts'

/** In this order. A step is carried out, then written down; each may be carried out twice. */
export const PURGE_STEPS = [
  /** Decided, in the audit log, planned. From here on there is no way back. */
  'begun',
  /** The data key is gone: all copies everywhere are noise. */
  'shredded',
  'cold-removed',
  'folder-removed',
  /** Rows of the database, and what areas keep elsewhere. */
  'forgotten',
  'certified',
] as const
export type PurgeStep = (typeof PURGE_STEPS)[number]

/** A purge under way, as it lies on the disk. Ids, hashes and paths only. */
export const PurgePlan = Certificate.pick({
  callId: true,
  runId: true,
  by: true,
  startedAt: true,
  decision: true,
  holds: true,
  erasures: true,
  was: true,
  destroyed: true,
  remaining: true,
}).extend({ format: z.literal('tongping-purge/1'), folder: z.string(), step: z.enum(PURGE_STEPS) })
export type PurgePlan = z.infer<typeof PurgePlan>
