import { randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { MoveRefused } from '../../recordings/store/mover.ts'
import { StoreDamage } from '../../recordings/store/store-errors.ts'
import { TierPolicy } from '../../server/evidence/tier-policy.ts'
import { TierSweep } from '../../server/evidence/tier-sweep.ts'
import { type Contents, contentsOf, sha256, stored, tierHouse } from '../../server/evidence/tiers-fixture.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { CephStore } from '../harness/ceph-store.ts'
import { CutOffProxy } from '../harness/cut-off-proxy.ts'

const DAY_MS = 86_400_000

t.setTimeout(240_000)

t.test('the way of records between the tiers, with a real S3 server (Ceph RADOS gateway)', async t => {
  const ceph = await CephStore.start()
  t.teardown(() => ceph.close())
  const plain = await ceph.bucket('plain')
  const locking = await ceph.bucket('locking', true)

  t.test('[TR10] a move takes everything but the key, and reading goes on as before', async t => {
    const { addCall, server, rows } = await tierHouse(t, plain)
    const { tiers, s3 } = server()
    const contents = stored()
    const { callId, folder } = await addCall(contents)
    const before = await contentsOf(await tiers.folderOf(callId, folder))
    await tiers.moveOut(callId)
    t.match(await rows.get(callId), { tier: 'cold', state: 'settled', files: 5, vault_sha256: before['vault.json'] })
    t.same((await readdir(folder)).sort(), ['key.json', 'vault.json'])
    t.notOk(await s3.folder((await rows.get(callId))?.store_key ?? '').has('key.json'), 'the key never goes')
    const cold = await tiers.folderOf(callId, folder)
    t.notOk(cold instanceof LocalFolder)
    t.same(await contentsOf(cold), before)
    // Work goes on in the store.
    await cold.put('derived/redacted.tpv', [Buffer.from('new')])
    await tiers.moveOut(callId)
    await tiers.fetchBack(callId)
    t.ok((await tiers.folderOf(callId, folder)) instanceof LocalFolder)
    t.same(await contentsOf(new LocalFolder(folder)), { ...before, 'derived/redacted.tpv': sha256(Buffer.from('new')) })
    t.match(await rows.get(callId), { tier: 'hot', state: 'settled' })
    // Out once more: a derivative made anew replaces the cold one, one that went is taken from the store.
    await new LocalFolder(folder).put('derived/replay.webm.tpv', [Buffer.from('other')])
    await new LocalFolder(folder).remove('derived/redacted.tpv')
    const whole = await contentsOf(new LocalFolder(folder))
    await t.rejects(
      tiers.moveOut(callId),
      { message: /damaged/ },
      'the derivative is part of what this test calls whole',
    )
    await new LocalFolder(folder).put('derived/replay.webm.tpv', [
      contents['derived/replay.webm.tpv'] ?? Buffer.alloc(0),
    ])
    await tiers.moveOut(callId)
    t.same(await contentsOf(await tiers.folderOf(callId, folder)), {
      ...whole,
      'derived/replay.webm.tpv': before['derived/replay.webm.tpv'],
    })
  })

  t.test(
    '[TR12] a damaged record stays where it is; one that is not encrypted too, unless the operator allows it',
    async t => {
      const { addCall, server, rows } = await tierHouse(t, plain)
      const { tiers } = server()
      const { callId, folder } = await addCall(stored())
      await writeFile(join(folder, 'journal.jsonl.tpv'), 'x')
      await t.rejects(tiers.moveOut(callId), MoveRefused)
      t.match(await rows.get(callId), { tier: 'hot', state: 'refused', reason: 'damaged' })
      const bare = await addCall({ 'journal.jsonl': randomBytes(10), 'manifest.json': randomBytes(10) })
      await t.rejects(tiers.moveOut(bare.callId), { message: /not encrypted/ })
      const allowed = server({ plainAllowed: true }).tiers
      await allowed.moveOut(bare.callId)
      await t.rejects(
        readdir(bare.folder),
        { code: 'ENOENT' },
        'no empty folder is left, which recovery would take for a call',
      )
      await allowed.fetchBack(bare.callId)
      t.same((await readdir(bare.folder)).sort(), ['journal.jsonl', 'manifest.json'])
    },
  )

  t.test('[TR13] other bytes in the store are found before anything here is deleted', async t => {
    const { addCall, server, rows } = await tierHouse(t, plain)
    const { tiers, s3 } = server()
    const contents = stored()
    const { callId, folder } = await addCall(contents)
    await tiers.moveOut(callId)
    const cold = s3.folder((await rows.get(callId))?.store_key ?? '')
    await cold.put('journal.jsonl.tpv', [randomBytes(30_000)])
    await t.rejects(tiers.fetchBack(callId), StoreDamage)
    t.match(await rows.get(callId), { tier: 'cold', state: 'fetching', reason: 'store-damage' })
    await cold.put('journal.jsonl.tpv', [contents['journal.jsonl.tpv'] ?? Buffer.alloc(0)])
    await tiers.fetchBack(callId)
    t.ok((await tiers.folderOf(callId, folder)) instanceof LocalFolder)
    // Same length, other bytes: what lies there is read, not believed.
    await cold.put('journal.jsonl.tpv', [randomBytes(30_000)])
    await tiers.moveOut(callId)
    t.equal((await contentsOf(cold))['journal.jsonl.tpv'], sha256(contents['journal.jsonl.tpv'] ?? Buffer.alloc(0)))
  })

  t.test('[TR14] cold copies are locked where the bucket can, and what a lock keeps is reported', async t => {
    const policy = TierPolicy.parse({ classes: {}, otherwise: { coldAfterDays: null, lockDays: 30 } })
    const { addCall, server, rows, records } = await tierHouse(t, locking, policy)
    const { tiers, s3 } = server()
    const { callId } = await addCall(stored())
    await tiers.moveOut(callId)
    const row = await rows.get(callId)
    t.ok(row?.locked_until && Date.parse(row.locked_until) > Date.now() + 29 * DAY_MS)
    const cold = s3.folder(row?.store_key ?? '')
    t.ok(await cold.lockedUntil('tracks/caller-voice-1.rtpj.tpv'))
    t.notOk(await cold.lockedUntil('derived/replay.webm.tpv'), 'derivatives are made anew')
    const removal = await tiers.removeEverywhere(callId)
    t.match(removal, {
      removed: [{ where: 'cold', count: 1 }],
      remaining: [
        { where: 'cold', reason: '4 versions are under object lock', until: row?.locked_until?.slice(0, 19) },
      ],
    })
    t.ok(await records.load(callId), 'it can be tried again later')
    // The same in a bucket without locks leaves nothing.
    const other = await tierHouse(t, plain, policy)
    const free = other.server()
    const moved = await other.addCall(stored())
    await free.tiers.moveOut(moved.callId)
    const key = (await other.rows.get(moved.callId))?.store_key ?? ''
    t.same(await free.tiers.removeEverywhere(moved.callId), { removed: [{ where: 'cold', count: 5 }], remaining: [] })
    t.same(await free.s3.folder(key).list(), [])
    t.same(await free.tiers.removeEverywhere(moved.callId), { removed: [{ where: 'cold', count: 0 }], remaining: [] })
  })

  t.test(
    '[TR15] a run moves by age and class, keeps what was fetched back, and waits for a store that is away',
    async t => {
      const policy = TierPolicy.parse({
        classes: { short: { coldAfterDays: 1 }, long: { coldAfterDays: 100 }, never: { coldAfterDays: null } },
        otherwise: { coldAfterDays: 10 },
      })
      const proxy = await CutOffProxy.start(plain.endpoint)
      t.teardown(() => proxy.close())
      const { addCall, server, rows, events } = await tierHouse(t, plain, policy)
      const { tiers } = server({ endpoint: proxy.endpoint, attempts: 1, requestTimeoutMs: 300 })
      const small = (): Contents => ({
        'vault.json': randomBytes(100),
        'key.json': randomBytes(100),
        'a.tpv': randomBytes(5000),
      })
      const classes = new Map<CallId, string | undefined>()
      const add = async (daysOld: number, retentionClass?: string) => {
        const { callId } = await addCall(small(), daysOld)
        classes.set(callId, retentionClass)
        return callId
      }
      const due = [await add(2, 'short'), await add(200, 'long'), await add(20), await add(20, 'unknown')]
      const staying = [await add(0.5, 'short'), await add(50, 'long'), await add(5000, 'never'), await add(5)]
      const logged: unknown[] = []
      let draining = true
      let nowMs = Date.now()
      const sweep = new TierSweep({
        tiers,
        rows,
        policy,
        events,
        accessLog: { add: async o => void logged.push([o.user, o.action, o.callId]) },
        classOf: async callId => classes.get(callId),
        draining: () => draining,
        now: () => nowMs,
      })
      t.teardown(() => sweep.close())
      t.match(await sweep.run(), { moved: 0, ended: 'draining' })
      draining = false
      proxy.answerOnly(0)
      t.match(await sweep.run(), { moved: 0, ended: 'store' })
      t.notOk(sweep.alarm)
      nowMs += 3_700_000
      t.match(await sweep.run(), { moved: 0, ended: 'store' })
      t.ok(sweep.alarm, 'waiting longer than an hour is an alarm')
      t.match(await events.registry.metrics(), /tongping_tier_alarms_total 1/)
      t.match(await events.registry.metrics(), /tongping_tier_troubles_total\{reason="store-unavailable"\} [1-9]/)
      proxy.answerAll()
      t.match(await sweep.run(), { moved: due.length, ended: 'done' })
      t.notOk(sweep.alarm)
      for (const callId of due) t.match(await rows.get(callId), { tier: 'cold', state: 'settled' })
      for (const callId of staying) t.not((await rows.get(callId))?.tier, 'cold')
      t.ok(logged.some(entry => JSON.stringify(entry) === JSON.stringify(['system', 'moved', due[0]])))
      const [back] = due
      if (back) await tiers.fetchBack(back)
      t.match(await sweep.run(), { moved: 0, ended: 'done' }, 'what was fetched back stays for its days')
      nowMs += 8 * DAY_MS
      t.ok((await sweep.run()).moved >= 1)
      if (back) t.match(await rows.get(back), { tier: 'cold' })
    },
  )

  t.test('[TR16] a lost database finds cold calls again by their tier records', async t => {
    const { addCall, server, rows } = await tierHouse(t, plain)
    const { tiers } = server()
    const { callId, folder } = await addCall(stored())
    await tiers.moveOut(callId)
    await rows.forget(callId)
    await tiers.catchUp()
    const row = await rows.get(callId)
    t.match(row, { tier: 'cold' })
    if (row) await tiers.resume(row)
    t.match(await rows.get(callId), { tier: 'cold', state: 'settled', files: 5 })
    t.equal(Object.keys(await contentsOf(await tiers.folderOf(callId, folder))).length, 6)
  })
})
