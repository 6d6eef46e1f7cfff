import { readFile } from 'node:fs/promises'
import * as z from 'zod'

const Rule = z.strictObject({
  /** Days after the answer; null: never. */
  coldAfterDays: z.number().int().min(0).max(36_500).nullable(),
  /** How long the store is asked to keep cold copies against deletion; no lock without it. */
  lockDays: z.number().int().min(1).max(36_500).optional(),
})
export type TierRule = z.infer<typeof Rule>

/** When calls move to the cold store, and how gently: data of the operator, docs/deployment.md describes it. */
export const TierPolicy = z.strictObject({
  /** By retention class. */
  classes: z.record(z.string().min(1).max(40), Rule),
  /** For every other class, and calls without one. */
  otherwise: Rule,
  lockMode: z.enum(['governance', 'compliance']).default('governance'),
  /** Records that are not encrypted may leave this machine. */
  plainAllowed: z.boolean().default(false),
  bytesPerSecond: z.number().int().min(100_000).default(20_000_000),
  everyMinutes: z.number().int().min(1).max(1440).default(60),
  callsPerRun: z.number().int().min(1).max(100_000).default(500),
  /** A move that has waited for the store so long is an alarm. */
  alarmAfterMinutes: z.number().int().min(1).default(60),
  /** What was fetched back stays so long. */
  keepHotDays: z.number().int().min(0).max(3650).default(7),
})
export type TierPolicy = z.infer<typeof TierPolicy>

/** Without a file nothing moves by age; people may still move by hand. */
export const NO_TIER_POLICY: TierPolicy = TierPolicy.parse({ classes: {}, otherwise: { coldAfterDays: null } })

/** @throws Error with one line that names what is wrong in the file */
export async function loadTierPolicy(file: string | undefined): Promise<TierPolicy> {
  if (file === undefined) return NO_TIER_POLICY
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`tiers: ${file} cannot be read`, { cause })
  })
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw new Error(`tiers: ${file} is no JSON`, { cause })
  }
  const parsed = TierPolicy.safeParse(data)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map(issue => issue.path.join('.') || 'file').join(', ')
  throw new Error(`tiers: ${file} is not as expected at ${where}`)
}

export function ruleOf(policy: TierPolicy, retentionClass: string | undefined): TierRule {
  return (retentionClass !== undefined && policy.classes[retentionClass]) || policy.otherwise
}
