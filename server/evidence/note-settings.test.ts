import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { testConfig } from '../config/test-config.ts'
import { AccessLog } from '../store/access-log.ts'
import { openDatabase } from '../store/database.ts'
import { Users } from '../store/users.ts'
import { noteSettings } from './note-settings.ts'

t.test(
  '[AN15] settings, policy files and people that differ from the last start are an entry: names, never values',
  async t => {
    const root = await mkdtemp(join(tmpdir(), 'settings-'))
    t.teardown(() => rm(root, { recursive: true, force: true }))
    const db = await openDatabase(':memory:')
    t.teardown(() => db.close())
    const accessLog = await AccessLog.open({ db, folder: join(root, 'audit'), onTrouble: () => {} })
    t.teardown(() => accessLog.close())
    const users = await Users.load(db)
    await users.add({ name: 'lin', displayName: 'Lin', role: 'reviewer', password: 'long-enough' })
    const scenariosFile = join(root, 'scenarios.json')
    await writeFile(scenariosFile, '[]')
    const config = { ...testConfig(root), scenariosFile }
    const start = (given = config) => noteSettings({ config: given, db, accessLog, key: 'key' })
    const newest = async () => {
      const { entries } = await accessLog.search({ limit: 100 })
      return entries.map(({ action, detail }) => `${action}: ${detail}`)
    }
    await start()
    t.strictSame(await newest(), ['users-changed: lin added', 'config-changed: first start'])
    await start()
    t.equal((await newest()).length, 2, 'nothing changed, nothing said')
    const sms = { kind: 'webhook', url: 'https://sms.example', secret: 'very-secret' } as const
    await start({ ...config, sms })
    t.equal((await newest())[0], 'config-changed: sms.kind sms.secret sms.url')
    await writeFile(scenariosFile, '[1]')
    await start({ ...config, sms })
    t.equal((await newest())[0], 'config-changed: scenariosFile (content)')
    await db.kysely.updateTable('users').set({ rights_json: '["audit"]' }).execute()
    await start({ ...config, sms: { ...sms, secret: 'another-secret' } })
    t.strictSame((await newest()).slice(0, 2), ['users-changed: lin changed', 'config-changed: sms.secret'])
    const kept = JSON.stringify(await db.kysely.selectFrom('settings_seen').selectAll().execute())
    t.notMatch(kept + (await newest()).join(), /secret'|very-secret|sms\.example/)
  },
)
