import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { quietLog, temporaryFolder } from '../../recordings/fixture.ts'
import { Muxer } from '../../recordings/mux/muxer.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { Mover } from '../../recordings/store/mover.ts'
import { Pace } from '../../recordings/store/pace.ts'
import { S3Store } from '../../recordings/store/s3-store.ts'
import { TierRecords } from '../../recordings/store/tier-record.ts'
import { UploadMemory } from '../../recordings/store/upload-memory.ts'
import { KeyRing } from '../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../recordings/vault/local-key.ts'
import { shredKey } from '../../recordings/vault/shred-call.ts'
import { Vault } from '../../recordings/vault/vault.ts'
import { verifyRecord } from '../../recordings/vault/verify-record.ts'
import { WorkFolder } from '../../recordings/vault/work-folder.ts'
import { Events } from '../../server/events.ts'
import { Deliverables } from '../../server/evidence/deliverables.ts'
import { openHouse, sealCall } from '../../server/evidence/retention-fixture.ts'
import { NO_TIER_POLICY } from '../../server/evidence/tier-policy.ts'
import { Tiers } from '../../server/evidence/tiers.ts'
import { VaultKeeper } from '../../server/evidence/vault-keeper.ts'
import { Archives } from '../../server/review/archives.ts'
import { openRecord } from '../../server/review/open-record.ts'
import { CallTiers } from '../../server/store/call-tiers.ts'
import { JobStore } from '../../server/store/job-store.ts'
import { CephStore } from '../harness/ceph-store.ts'

t.setTimeout(120_000)

t.test('[TR17] an encrypted call in a real S3 server is opened, verified and read as before', async t => {
  const ceph = await CephStore.start()
  t.teardown(() => ceph.close())
  const dataDir = await temporaryFolder(t)
  const house = await openHouse({ dataDir })
  t.teardown(() => house.close())
  const call = await sealCall(house, { from: '13912345678' })
  const events = new Events(quietLog)
  const keys = new KeyRing(LocalKey.fromText(randomBytes(32).toString('base64')))
  const vault = new Vault({ keys, sealKey: house.sealKey })
  await vault.encryptCall(call.folder)
  const recordingsDir = join(dataDir, 'recordings')
  const keeper = await VaultKeeper.open({ vault, keys, recordingsDir, events, encrypting: true })
  const work = await WorkFolder.open(await temporaryFolder(t))
  const trustedKeys = [house.sealKey.publicKeyPem]
  const s3 = new S3Store(await ceph.bucket('cold'), new UploadMemory(join(dataDir, 'uploads')))
  const rows = new CallTiers(house.db)
  const tiers = new Tiers({
    index: house.index,
    rows,
    records: new TierRecords(join(dataDir, 'tiers')),
    store: { s3, name: 'cold' },
    mover: new Mover({
      verify: async folder => (await verifyRecord(folder, { trustedKeys })).intact,
      plainAllowed: false,
      pace: new Pace(1e9),
    }),
    policy: NO_TIER_POLICY,
    events,
  })
  const deliverables: Deliverables = new Deliverables({
    muxer: Muxer.create({ ffmpegBin: 'ffmpeg', logger: quietLog, work, concurrency: 1 }),
    store: new JobStore(house.db),
    events,
    ref: one => archives.ref(one),
    onReplay: (one, state) => house.index.setState(one, state),
  })
  const archives: Archives = new Archives({
    recordingsDir,
    index: house.index,
    deliverables,
    keeper,
    trustedKeys,
    tiers,
    assertProcessing: async () => {},
  })
  t.teardown(async () => {
    await deliverables.close()
    await tiers.close()
    await keeper.close()
    await work.close()
  })
  const { callId, folder } = call
  const before = await openRecord(archives, callId)
  const verdict = await archives.verify(callId)
  t.equal(verdict.intact, true)
  const journal = await (await archives.files(callId)).read('journal.jsonl')
  await tiers.moveOut(callId)
  t.same(
    (await new LocalFolder(folder).list()).map(({ name }) => name),
    ['key.json', 'vault.json'],
  )
  const cold = await openRecord(archives, callId)
  t.same(await archives.verify(callId), verdict)
  t.same(cold.entries, before.entries)
  const files = await archives.files(callId)
  t.ok((await files.read('journal.jsonl')).equals(journal))
  const source = await files.open('journal.jsonl')
  t.ok((await source.read(100, 50)).equals(journal.subarray(100, 150)))
  await source.close()
  await files.put('derived/note.txt', [Buffer.from('made in the store')])
  t.equal((await files.read('derived/note.txt')).toString(), 'made in the store')
  // A child process needs the bytes here.
  await archives.ref(callId)
  t.match(await rows.get(callId), { tier: 'hot', state: 'settled' })
  t.equal((await (await archives.files(callId)).read('derived/note.txt')).toString(), 'made in the store')
  await tiers.moveOut(callId)
  // Its key destroyed here, what lies there is noise.
  await shredKey(new LocalFolder(folder))
  await t.rejects(archives.files(callId).then(gone => gone.read('journal.jsonl')))
  t.same((await tiers.removeEverywhere(callId)).remaining, [])
})
