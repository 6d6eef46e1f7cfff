import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { AccessLog } from './access-log.ts'
import { openDatabase } from './database.ts'

async function room(t: { teardown(fn: () => unknown): void }) {
  const root = await mkdtemp(join(tmpdir(), 'access-log-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const db = await openDatabase(join(root, 'index.sqlite'))
  t.teardown(() => db.close())
  const troubles: string[] = []
  const folder = join(root, 'audit')
  const open = () => AccessLog.open({ db, folder, onTrouble: reason => troubles.push(reason) })
  const day = () => join(folder, `${new Date().toISOString().slice(0, 10)}.jsonl`)
  return { db, folder, troubles, open, day }
}
const lin = { id: newId('user'), name: 'Lin' }

t.test('[AN10] entries are found by user, call, action and time, newest first, page by page', async t => {
  const { open, troubles } = await room(t)
  const log = await open()
  const callId = newId('call')
  const wang = { id: newId('user'), name: 'Wang' }
  for (let i = 0; i < 5; i++) await log.add({ user: lin, callId, action: 'seek', detail: `${i}000-${i + 1}000` })
  await log.add({ user: wang, action: 'config-changed', detail: 'sms.url' })
  await log.add({ user: 'system', action: 'retention-run', detail: 'dry run: 0' })
  t.equal((await log.search({ limit: 100 })).entries.length, 7)
  t.match(await log.search({ limit: 100, userId: wang.id }), { entries: [{ action: 'config-changed', seq: 5 }] })
  t.match(await log.search({ limit: 100, action: 'retention-run' }), {
    entries: [{ userName: '', detail: 'dry run: 0' }],
  })
  const page = await log.search({ limit: 2, callId })
  t.strictSame([page.entries.map(entry => entry.seq), page.next], [[4, 3], 3])
  t.strictSame(
    (await log.search({ limit: 9, callId, before: 3 })).entries.map(entry => entry.seq),
    [2, 1, 0],
  )
  t.strictSame((await log.search({ limit: 9, to: '2020-01-01T00:00:00.000Z' })).entries, [])
  t.equal((await log.ofCall(callId)).length, 5)
  t.ok((await log.verify()).intact)
  t.strictSame(troubles, [])
  await log.close()
})

t.test(
  '[AN11] the index is made again from the files, and says so when the files hold less or something else',
  async t => {
    const { open, db, troubles, day } = await room(t)
    let log = await open()
    for (let i = 0; i < 6; i++) await log.add({ user: lin, action: 'searched', detail: String(i) })
    await log.close()
    await db.kysely.deleteFrom('audit_log').where('seq', '>', 1).execute()
    log = await open()
    t.equal((await log.search({ limit: 9 })).entries.length, 6, 'caught up')
    await log.close()
    t.strictSame(troubles, [])

    const lines = readFileSync(day(), 'utf8').split('\n')
    writeFileSync(day(), `${lines.slice(0, 4).join('\n')}\n`)
    log = await open()
    t.match(troubles, [/knew 6 entries, the files hold 4/])
    t.match((await log.search({ limit: 1 })).entries, [{ action: 'log-repaired', seq: 4 }])
    await log.close()

    rmSync(day())
    log = await open()
    t.match(troubles[1], /knew 5 entries, the files hold 0/)
    t.equal((await log.search({ limit: 9 })).entries.length, 1, 'nothing of the index outlives its file')
    await log.close()
  },
)

t.test('[AN12] what cannot be written down is refused', async t => {
  const { open, troubles, folder } = await room(t)
  const log = await open()
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'in the way')
  await t.rejects(log.add({ user: lin, action: 'export', detail: '' }), { code: 'unavailable' })
  t.equal(troubles.length, 1)
  t.equal(log.mark.entries, 0)
  rmSync(folder)
  await log.close()
})

t.test('[AN13] rows of the log before it was a chain move into it once, with their own time', async t => {
  const { open, db } = await room(t)
  const callId = newId('call')
  for (const detail of ['complaint', 'sample'])
    await db.kysely
      .insertInto('access_log')
      .values({
        at: '2025-01-02T03:04:05.000Z',
        user_id: lin.id,
        user_name: lin.name,
        call_id: callId,
        action: 'open',
        detail,
      })
      .execute()
  let log = await open()
  await log.close()
  log = await open()
  t.match(await log.ofCall(callId), [
    { at: '2025-01-02T03:04:05.000Z', userName: 'Lin', action: 'open', detail: 'complaint' },
    { detail: 'sample' },
  ])
  t.equal(log.mark.entries, 2)
  await log.close()
})
