import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { temporaryFolder } from '../../recordings/fixture.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { Certificates } from '../../server/evidence/certificates.ts'
import { openHouse, sealCall } from '../../server/evidence/retention-fixture.ts'
import { NO_TIER_POLICY, TierPolicy } from '../../server/evidence/tier-policy.ts'
import { TierSweep } from '../../server/evidence/tier-sweep.ts'
import { type Cut, stored, tierHouse } from '../../server/evidence/tiers-fixture.ts'
import { CephStore } from '../harness/ceph-store.ts'
import { until } from '../harness/until.ts'

const SCRIPT = fileURLToPath(new URL('../../server/evidence/harness/killed-move.ts', import.meta.url))

t.setTimeout(230_000)

const ceph = await CephStore.start()
t.teardown(() => ceph.close())
const plain = await ceph.bucket('plain')
const locking = await ceph.bucket('locking', true)

t.test(
  '[TR21] killed between any two local steps of a move, one whole copy is left, and the next start ends it',
  async t => {
    // Five files are moved, of which vault.json stays on the disk too.
    const out: Cut[] = ['record-saved', 'row-switched', 'hot-changed-1', 'hot-changed-3', 'hot-changed-4']
    const back: Cut[] = ['row-switched', 'hot-changed-1', 'hot-changed-2', 'hot-changed-4']
    for (const [direction, cuts] of [
      ['out', out],
      ['back', back],
    ] as const)
      for (const killAt of cuts) {
        const root = await temporaryFolder(t)
        const before = await tierHouse(t, plain, NO_TIER_POLICY, { root })
        const { callId, folder } = await before.addCall(stored())
        if (direction === 'back') await before.server().tiers.moveOut(callId)
        const order = JSON.stringify({ root, settings: plain, callId, direction, killAt })
        const child = spawn(process.execPath, [SCRIPT, order], { stdio: ['ignore', 'ignore', 'inherit'] })
        const [, signal] = await once(child, 'exit')
        t.equal(signal, 'SIGKILL', `${direction}: killed at ${killAt}`)

        const house = await tierHouse(t, plain, NO_TIER_POLICY, { root })
        const { tiers } = house.server()
        const isWhole = async () =>
          (await house.verify(new LocalFolder(folder))) || (await house.verify(await tiers.folderOf(callId, folder)))
        t.ok(await isWhole(), `${direction}, ${killAt}: whole before the start`)
        await tiers.catchUp()
        t.ok(await isWhole(), `${direction}, ${killAt}: whole after it`)
        const sweep = new TierSweep({
          ...{ tiers, rows: house.rows, events: house.events, policy: NO_TIER_POLICY },
          accessLog: { add: async () => {} },
          classOf: async () => undefined,
          draining: () => false,
        })
        t.match(await sweep.run(), { ended: 'done' })
        t.match(await house.rows.get(callId), { tier: direction === 'out' ? 'cold' : 'hot', state: 'settled' })
        const hot = (await new LocalFolder(folder).list()).map(({ name }) => name)
        if (direction === 'out') t.same(hot, ['key.json', 'vault.json'], 'nothing else is left here')
        t.ok(await house.verify(await tiers.folderOf(callId, folder)))
        await sweep.close()
      }
  },
)

t.test(
  '[TR22] what a lock keeps of an erased call goes by itself when it ends, and no start takes it for a call',
  async t => {
    const policy = TierPolicy.parse({ classes: {}, otherwise: { coldAfterDays: null, lockDays: 1 } })
    const moving = await tierHouse(t, locking, policy)
    const { tiers, s3 } = moving.server()
    const lockMs = 20_000
    // Locks end so many days after the answer: this one in twenty seconds.
    const { callId } = await moving.addCall(stored(), 1 - lockMs / 86_400_000)
    await tiers.moveOut(callId)
    const key = (await moving.rows.get(callId))?.store_key ?? ''
    t.ok((await moving.rows.get(callId))?.locked_until)

    const dataDir = await temporaryFolder(t)
    const house = await openHouse({
      dataDir,
      parts: { removeCold: () => tiers.removeEverywhere(callId) },
      leftoversEveryMs: 1000,
    })
    const erased = await sealCall(house)
    await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    const first = await house.certificates.last(erased.callId)
    t.match(first?.certificate, { part: 1, remaining: [{ reason: /under object lock/ }] })

    await moving.rows.forget(callId)
    await tiers.catchUp()
    t.equal(await moving.rows.get(callId), undefined, 'no row comes back')
    await t.rejects(tiers.moveOut(callId), { code: 'not-found' })
    await t.rejects(tiers.fetchBack(callId), { code: 'not-found' })
    // A server that knows nothing of it but its tier record.
    const later = moving.server().tiers
    await later.catchUp()
    t.equal(await moving.rows.get(callId), undefined)

    await until(
      'the lock to end and the rest to go',
      async () =>
        (await new Certificates(`${dataDir}/certificates`).last(erased.callId))?.certificate.remaining.length === 0,
      { timeoutMs: lockMs + 30_000, everyMs: 500 },
    )
    t.match((await house.certificates.last(erased.callId))?.certificate, {
      part: 2,
      destroyed: [{ what: 'cold-copies' }],
    })
    t.same(await s3.folder(key).list(), [])
    t.equal(await moving.records.load(callId), undefined)
    t.same(house.faults, [])
    await house.close()
  },
)

t.test(
  '[TR22] an erased call whose move had only begun, with its store away, is remembered and removed later',
  async t => {
    const house = await tierHouse(t, plain)
    const { callId } = await house.addCall(stored())
    const { tiers, s3 } = house.server({ attempts: 1, requestTimeoutMs: 2000 })
    await house.rows.set(callId, { state: 'copying', store: 'cold', store_key: `2026-01-02/${callId}` })
    const cold = s3.folder(`2026-01-02/${callId}`)
    await cold.put('journal.jsonl.tpv', [Buffer.from('the first file')])
    await ceph.stopGateway()
    t.match(await tiers.removeEverywhere(callId), {
      removed: [],
      remaining: [{ where: 'cold', reason: /cannot be reached/ }],
    })
    await house.rows.forget(callId)
    await ceph.startGateway()
    t.same(await house.server().tiers.removeEverywhere(callId), {
      removed: [{ where: 'cold', count: 1 }],
      remaining: [],
    })
    t.same(await cold.list(), [])
  },
)
