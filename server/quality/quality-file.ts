import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../env.ts'
import { type Condition, QualityRules } from './quality-rules.ts'

const SHIPPED = new URL('./default-quality.json', import.meta.url)

export type LoadedRules = { readonly rules: QualityRules; readonly sha256: string; readonly where: string }

/** @throws ConfigError with one line that names the file and the place in it */
export async function readQualityFile(file: string | undefined): Promise<LoadedRules> {
  const where = `TONGPING_QUALITY_FILE ${file ?? '(shipped)'}`
  const refuse = (why: string): never => {
    throw new ConfigError(`${where}: ${why}`)
  }
  const text = await readFile(file ?? SHIPPED, 'utf8').catch(() => refuse('cannot be read'))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    refuse('is no JSON')
  }
  const parsed = QualityRules.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(`not as expected at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}`)
  }
  for (const { place, pattern } of patternsOf(parsed.data)) {
    try {
      new RegExp(pattern, 'giu')
    } catch {
      refuse(`"${place}": the pattern is no regular expression`)
    }
  }
  return { rules: parsed.data, sha256: createHash('sha256').update(text).digest('hex'), where }
}

/** Every regular expression of the file, with the rule or item it stands in. */
export function patternsOf(rules: QualityRules): { place: string; pattern: string; condition: Condition }[] {
  const conditions: [string, Condition | undefined][] = [
    ...rules.rules.map((rule): [string, Condition] => [rule.id, rule.when]),
    ...rules.checklists.flatMap(list =>
      list.items.map((item): [string, Condition | undefined] => [`${list.id}-${item.id}`, item.yesWhen]),
    ),
  ]
  return conditions.flatMap(([place, condition]) =>
    condition && 'text' in condition && condition.pattern !== undefined
      ? [{ place, pattern: condition.pattern, condition }]
      : [],
  )
}
