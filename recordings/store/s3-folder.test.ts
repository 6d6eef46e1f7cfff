import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { CephStore } from '../../test/harness/ceph-store.ts'
import { CutOffProxy } from '../../test/harness/cut-off-proxy.ts'
import { temporaryFolder } from '../fixture.ts'
import { NoSuchFile } from '../vault/call-files.ts'
import { piecesOf } from '../vault/read-source.ts'
import { S3Store } from './s3-store.ts'
import { StoreRefused, StoreUnavailable } from './store-errors.ts'
import { UploadMemory } from './upload-memory.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const MIB = 1024 * 1024

t.setTimeout(120_000)

t.test('a folder in a real S3 server (Ceph RADOS gateway)', async t => {
  const ceph = await CephStore.start()
  t.teardown(() => ceph.close())
  const plain = await ceph.bucket('plain')
  const locking = await ceph.bucket('locking', true)
  const memoryFolder = await temporaryFolder(t)
  const open = (settings: typeof plain) => {
    const store = new S3Store(settings, new UploadMemory(memoryFolder))
    t.teardown(() => store.close())
    return store
  }

  t.test('[TR1] what is put is read back byte for byte, whole and by ranges, small and in parts', async t => {
    const folder = open({ ...plain, partBytes: MIB / 4 }).folder('2026-01-02/one')
    t.same(await folder.list(), [])
    for (const [name, bytes] of [
      ['empty', 0],
      ['tracks/small.tpv', 70_001],
      ['tracks/exact.tpv', MIB / 2],
      ['tracks/large.tpv', MIB + 17],
    ] as const) {
      const content = randomBytes(bytes)
      t.same(await folder.put(name, [content.subarray(0, bytes >> 1), content.subarray(bytes >> 1)]), {
        sha256: sha256(content),
        bytes,
      })
      const source = await folder.open(name)
      t.equal(source.bytes, bytes)
      t.ok((await source.read(0, bytes)).equals(content), `${name} whole`)
      for (const from of [0, 1, 65_536, bytes - 5].filter(from => from >= 0 && from < bytes))
        t.ok((await source.read(from, 65_552)).equals(content.subarray(from, from + 65_552)), `${name} from ${from}`)
      t.same(await source.read(bytes, 10), Buffer.alloc(0))
      const pieces: Buffer[] = []
      for await (const piece of piecesOf(await folder.open(name))) pieces.push(piece)
      t.ok(Buffer.concat(pieces).equals(content), `${name} in order`)
    }
    t.same(
      (await folder.list()).map(({ name }) => name),
      ['empty', 'tracks/exact.tpv', 'tracks/large.tpv', 'tracks/small.tpv'],
    )
    await folder.remove('empty')
    await folder.remove('empty')
    t.notOk(await folder.has('empty'))
    t.ok(await folder.has('tracks/small.tpv'))
    await t.rejects(folder.open('empty'), NoSuchFile)
    await t.rejects(folder.open('../two/manifest.json'), NoSuchFile)
  })

  t.test('[TR2] refusals and absence have names of their own', async t => {
    const wrong = open({ ...plain, secretAccessKey: 'wrong' }).folder('x')
    await t.rejects(wrong.list(), StoreRefused)
    await t.rejects(open({ ...plain, bucket: 'nobody-made-this' }).abilities(), StoreRefused)
    const away = open({ ...plain, endpoint: 'http://127.0.0.1:9', attempts: 2 }).folder('x')
    await t.rejects(away.list(), StoreUnavailable)
  })

  t.test('[TR3] a broken upload in parts goes on where it stopped', async t => {
    const proxy = await CutOffProxy.start(ceph.endpoint)
    t.teardown(() => proxy.close())
    const settings = { ...plain, endpoint: proxy.endpoint, partBytes: MIB / 4, attempts: 1, requestTimeoutMs: 1000 }
    const content = randomBytes(MIB)
    // Create, part 1, part 2 are answered; then nothing is.
    proxy.answerOnly(3)
    await t.rejects(open(settings).folder('two').put('large', [content]), StoreUnavailable)
    proxy.answerAll()
    const before = proxy.bytesUp
    const folder = open(settings).folder('two')
    t.same(await folder.put('large', [content]), { sha256: sha256(content), bytes: content.length })
    t.ok(proxy.bytesUp - before < MIB * 0.6, `${proxy.bytesUp - before} bytes were sent again`)
    const source = await folder.open('large')
    t.ok((await source.read(0, source.bytes)).equals(content))
  })

  t.test('[TR4] a server that never answers does not hang anybody', async t => {
    const proxy = await CutOffProxy.start(ceph.endpoint)
    t.teardown(() => proxy.close())
    proxy.answerOnly(0)
    const store = open({ ...plain, endpoint: proxy.endpoint, attempts: 1, requestTimeoutMs: 300 })
    await t.rejects(store.folder('x').list(), StoreUnavailable)
  })

  t.test('[TR5] object lock is found where it is, and holds a version against deletion', async t => {
    t.same(await open(plain).abilities(), { objectLock: false, versioning: false })
    const store = open(locking)
    t.same(await store.abilities(), { objectLock: true, versioning: true })
    const folder = store.folder('three')
    await folder.put('locked', [Buffer.from('first')])
    const until = new Date(Date.now() + 86_400_000).toISOString()
    await folder.lock('locked', { mode: 'governance', until })
    t.equal((await folder.lockedUntil('locked'))?.slice(0, 19), until.slice(0, 19))
    await folder.put('locked', [Buffer.from('second')])
    await folder.put('free', [Buffer.from('x')])
    await folder.remove('free')
    const removal = await folder.removeEverything()
    t.equal(removal.removed, 3, 'the newer version, the free file and its marker')
    t.same(
      removal.locked.map(({ name, until }) => [name, until?.slice(0, 19)]),
      [['locked', until.slice(0, 19)]],
    )
    const left = await folder.open('locked')
    t.equal((await left.read(0, 10)).toString(), 'first')
  })
})
