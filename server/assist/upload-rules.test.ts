import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { IntakeError } from '../../media/picture/intake-error.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallLog } from '../calls/call-log.ts'
import { Pages } from './pages.ts'
import { Uploads } from './uploads.ts'

const by = newId('part')
const logger = { debug() {}, info() {}, warn() {}, error() {} }
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(96)])

async function house(t: { teardown(end: () => unknown): void }) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-uploads-'))
  const archive = await CallArchive.open({ root, callId: newId('call'), nowMs: () => 0, logger, onDegraded() {} })
  const log = new CallLog(archive, () => {})
  const world = { nowMs: 0, failure: new IntakeError('crashed'), counted: [] as string[] }
  const folder = join(root, 'uploads')
  const uploads = new Uploads({
    folder,
    log,
    pages: new Pages({ archive, log }),
    intake: { take: () => Promise.reject(world.failure) },
    keepDocument: async () => undefined,
    counted: result => void world.counted.push(result),
    nowMs: () => world.nowMs,
  })
  t.teardown(async () => {
    await uploads.close()
    await archive.discard()
    await rm(root, { recursive: true, force: true })
  })
  return { uploads, world, folder }
}
const photo = (name: string) => ({ name, type: 'image/jpeg', sizeBytes: JPEG.length })

t.test('[PIC28] unfinished files that nobody goes on with make room for others', async t => {
  const { uploads, world, folder } = await house(t)
  const ids = []
  for (let index = 0; index < 12; index += 1) ids.push((await uploads.begin(by, photo(`${index}`))).uploadId)
  const [first, second] = ids
  if (!first || !second) throw new Error('nothing begun')
  await t.rejects(uploads.begin(by, photo('13')), /too many files at once/)
  world.nowMs = 200_000
  await uploads.append(by, first, 0, JPEG.subarray(0, 50))
  world.nowMs = 400_000
  const { uploadId } = await uploads.begin(by, photo('14'))
  t.same(uploads.state(by, uploadId), { receivedBytes: 0 })
  t.same(uploads.state(by, second), { receivedBytes: 0, refused: 'abandoned' })
  t.same(uploads.state(by, first), { receivedBytes: 50 }, 'the one that went on stays')
  t.same(await readdir(folder), [first])
  await t.rejects(uploads.append(by, second, 0, JPEG), { code: 'gone' })
})

t.test('[PIC29] what fails on our side may be sent again; a picture that fails three times is refused', async t => {
  const { uploads, world } = await house(t)
  const { uploadId } = await uploads.begin(by, photo('a'))
  await uploads.append(by, uploadId, 0, JPEG.subarray(0, 60))
  world.failure = new IntakeError('busy')
  for (let tries = 0; tries < 5; tries += 1) {
    await t.rejects(uploads.append(by, uploadId, 60, JPEG.subarray(60)), { code: 'too-many' })
    t.same(uploads.state(by, uploadId), { receivedBytes: 60 }, 'the last piece is taken back')
  }
  world.failure = new IntakeError('crashed')
  for (let tries = 0; tries < 3; tries += 1)
    await t.rejects(uploads.append(by, uploadId, 60, JPEG.subarray(60)), { code: 'unavailable' })
  t.match(uploads.state(by, uploadId), { refused: 'crashed' })
  t.same(world.counted, ['crashed'])
})
