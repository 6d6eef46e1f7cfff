import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Config } from '../config.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'

/**
 * Writes down which settings (names, never values) and which people's roles or rights differ from the last start. What is
 * remembered is an HMAC of each value under a key of this installation, so that nothing can be guessed from the database.
 */
export async function noteSettings(o: {
  readonly config: Config
  readonly db: Database
  readonly accessLog: AccessLog
  /** From the secrets folder. */
  readonly key: string
}): Promise<void> {
  const now = new Map<string, string>()
  const digest = (value: string) => createHmac('sha256', o.key).update(value).digest('hex')
  for (const [name, value] of flatten('', o.config)) now.set(name, digest(value))
  // A policy in a file changes without its path changing.
  for (const [name, value] of flatten('', o.config))
    if (name.endsWith('File') && value !== 'undefined')
      now.set(`${name} (content)`, digest(await readFile(JSON.parse(value) as string, 'utf8').catch(() => '')))
  for (const { id, name, role, rights_json } of await o.db.kysely.selectFrom('users').selectAll().execute())
    now.set(`user ${name}`, digest(JSON.stringify([id, role, rights_json])))
  const before = new Map(
    (await o.db.kysely.selectFrom('settings_seen').selectAll().execute()).map(row => [row.name, row.digest]),
  )
  const isFirst = before.size === 0
  const changed = [...new Set([...before.keys(), ...now.keys()])]
    .filter(name => before.get(name) !== now.get(name))
    .sort()
  const people = changed.filter(name => name.startsWith('user '))
  const settings = changed.filter(name => !name.startsWith('user '))
  if (isFirst) await o.accessLog.add({ user: 'system', action: 'config-changed', detail: 'first start' })
  else if (settings.length > 0)
    await o.accessLog.add({ user: 'system', action: 'config-changed', detail: settings.join(' ') })
  if (people.length > 0)
    await o.accessLog.add({
      user: 'system',
      action: 'users-changed',
      detail: people.map(name => `${name.slice(5)} ${wordOf(before.has(name), now.has(name))}`).join(', '),
    })
  await o.db.kysely.transaction().execute(async tx => {
    await tx.deleteFrom('settings_seen').execute()
    const rows = [...now].map(([name, value]) => ({ name, digest: value }))
    for (let from = 0; from < rows.length; from += 200)
      await tx
        .insertInto('settings_seen')
        .values(rows.slice(from, from + 200))
        .execute()
  })
}

function wordOf(before: boolean, now: boolean): string {
  if (before && now) return 'changed'
  return now ? 'added' : 'removed'
}

/** `sip.auth.realm` and its value as JSON, for every leaf. */
function* flatten(prefix: string, value: unknown): Generator<[string, string]> {
  if (value instanceof Map) yield [prefix, JSON.stringify([...value])]
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [name, member] of Object.entries(value)) yield* flatten(prefix ? `${prefix}.${name}` : name, member)
  else yield [prefix, JSON.stringify(value) ?? 'undefined']
}
