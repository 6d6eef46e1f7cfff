import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { ConfigError } from '../env.ts'

const title = z.string().min(1).max(60)

/** One named pattern of the operator: what to look for in texts and codes, and how it is called. */
export const Recogniser = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/),
  title: z.strictObject({ 'zh-CN': title, en: title }),
  /** A JavaScript regular expression without slashes; upper and lower case are the same to it. */
  pattern: z.string().min(1).max(300),
  /** Number or name of the group that is the value; the whole match without it. */
  group: z.union([z.number().int().min(1).max(20), z.string().min(1).max(40)]).optional(),
})
export type Recogniser = z.infer<typeof Recogniser>

const RecogniserFile = z.array(Recogniser).max(40)
const SHIPPED = new URL('./default-recognisers.json', import.meta.url)

export const compile = (pattern: string) => new RegExp(pattern, 'giu')

/**
 * Reads the operator's patterns, or the shipped ones.
 * @throws ConfigError with one line that names file and recogniser
 */
export async function readRecognisers(file: string | undefined): Promise<Recogniser[]> {
  const where = file ?? SHIPPED
  const refuse = (why: string): never => {
    throw new ConfigError(`TONGPING_RECOGNISERS_FILE ${file ?? '(shipped)'}: ${why}`)
  }
  const text = await readFile(where, 'utf8').catch(() => refuse('cannot be read'))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    refuse('is no JSON')
  }
  const parsed = RecogniserFile.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(`not as expected at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}`)
  }
  const names = new Set<string>()
  for (const { name, pattern, group } of parsed.data) {
    if (names.has(name)) refuse(`"${name}" stands there twice`)
    names.add(name)
    let groups: RegExpExecArray | null = null
    try {
      // With an empty alternative it matches the empty text and shows which groups there are.
      groups = new RegExp(`${compile(pattern).source}|`, 'iu').exec('')
    } catch {
      refuse(`"${name}": the pattern is no regular expression`)
    }
    const known = typeof group === 'string' ? group in (groups?.groups ?? {}) : (group ?? 0) < (groups?.length ?? 0)
    if (!known) refuse(`"${name}": the pattern has no group ${group}`)
  }
  return parsed.data
}
