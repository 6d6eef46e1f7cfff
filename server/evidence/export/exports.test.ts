import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { readPackageManifest } from '../../../recordings/export/package-manifest.ts'
import { testMuxer } from '../../../recordings/mux/fixture.ts'
import { WorkFolder } from '../../../recordings/vault/work-folder.ts'
import { buildPages } from '../../../scripts/build-pages.mjs'
import type { ExportJob, NewExport } from '../../../signaling/protocol/record-export.ts'
import type { Redaction } from '../../../signaling/protocol/redaction.ts'
import type { Release } from '../../../signaling/protocol/review-access.ts'
import { until } from '../../../test/harness/until.ts'
import { unzip } from '../../../test/harness/unzip.ts'
import { Events } from '../../events.ts'
import { type Colleague, reviewServer } from '../../review/harness/review-server.ts'
import { openRedaction } from '../redaction/open-redaction.ts'
import { exportRoutes } from './export-routes.ts'
import { Exports } from './exports.ts'

t.setTimeout(180_000)
const NUMBER = '13800138000'
const KEEP_MS = 60_000
const root = await mkdtemp(join(tmpdir(), 'exports-'))
const pagesFolder = join(root, 'pages')
await mkdir(pagesFolder)
await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })
const muxer = await testMuxer(t)
const made: Exports[] = []

/** The review side with exports, whose files stay as long as is said. */
async function house(keepMs: number) {
  const workRoot = await mkdtemp(join(root, 'work-'))
  const server = await reviewServer({
    more: async parts => {
      const { review, archives, sealKey, accessLog, life } = parts
      const { redactions, routes } = await openRedaction({
        ...{ ...parts, muxer },
        // Drafts only: nothing is covered here.
        cover: () => Promise.reject(new Error('not asked for')),
        findFaces: async () => [],
        assertOpened: (context, callId) => review.door.assertOpened(context, callId),
        onFault: error => t.fail(String(error)),
      })
      const exports = life.add(
        'exports',
        new Exports({
          ...{ sealKey, accessLog, pagesFolder, keepMs, authorities: [] },
          work: life.add('work', await WorkFolder.open(workRoot)),
          events: new Events(pino({ level: 'silent' })),
          ref: callId => archives.ref(callId),
          trustedKeys: [sealKey.publicKeyPem],
          anchorsFolder: join(root, 'anchors'),
          timeZone: 'Asia/Shanghai',
        }),
      )
      made.push(exports)
      const { door, releases } = review
      return [...routes, ...exportRoutes({ door, releases, accessLog, exports, redactions })]
    },
  })
  return { server, workRoot }
}
const { server, workRoot } = await house(KEEP_MS)
t.teardown(async () => {
  await server.close()
  await rm(root, { recursive: true, force: true })
})
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob')
const officer = await server.reviewer('officer', ['release'])
const call = await server.record({ from: NUMBER, pictures: [`Tel ${NUMBER}`] })
const at = `/calls/${call.callId}`
const wanted = (kind: NewExport['kind'], reason = 'complaint 4711'): NewExport => ({ kind, language: 'en', reason })
const mine = async (who: Colleague, path = at) => (await who.get<{ exports: ExportJob[] }>(`${path}/exports`)).exports
const actions = async () =>
  (await server.accessLog.search({ callId: call.callId, limit: 100 })).entries.map(one => ({
    ...{ action: one.action as string, who: one.userName, detail: one.detail },
  }))

async function finished(who: Colleague, exportId: string, path = at): Promise<ExportJob> {
  return until(
    'the export',
    async () => {
      const job = (await mine(who, path)).find(one => one.exportId === exportId)
      return job && (job.state === 'done' || job.state === 'failed') ? job : undefined
    },
    { timeoutMs: 90_000 },
  )
}
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Fetches, unpacks, and holds every file against the manifest of the package. */
async function taken(t: Test, who: Colleague, job: ExportJob) {
  const answer = await who.fetch(`/exports/${job.exportId}/file`)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-disposition'), `${job.callId}-${job.kind}.zip`)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  const bytes = Buffer.from(await answer.arrayBuffer())
  t.equal(bytes.length, job.bytes)
  t.equal(sha(bytes), job.sha256)
  const to = join(root, job.exportId)
  const names = await unzip(bytes, to)
  const manifest = readPackageManifest(await readFile(join(to, 'package-manifest.json')))
  if (!manifest) throw new Error('the manifest of the package does not hold')
  t.same([...manifest.files.map(({ path }) => path), 'package-manifest.json'].sort(), [...names].sort())
  for (const file of manifest.files) t.equal(sha(await readFile(join(to, file.path))), file.sha256, file.path)
  return { to, names, manifest }
}

t.test('[EP9] [EP5] a viewing copy: open with a reason, asked for, made, fetched; each step logged before', async t => {
  await t.rejects(ann.post(`${at}/exports`, wanted('viewing')), { code: 'forbidden' }, 'not before the record is open')
  await ann.post(`${at}/open`, { reason: 'complaint' })
  await t.rejects(ann.post(`${at}/exports`, { ...wanted('viewing'), reason: ' ' }), { code: 'bad-request' })
  await t.rejects(ann.post(`${at}/exports`, { ...wanted('report'), redactionId: 'red_1' }), { code: 'bad-request' })
  const items = [{ kind: 'audio-span', itemId: 'a', reason: 'x', party: 'both', fromMs: 0, toMs: 100 }]
  const draft = await ann.post<Redaction>(`${at}/redactions`, { title: 'a draft', items })
  for (const redactionId of [draft.redactionId, 'red_0'])
    await t.rejects(ann.post(`${at}/exports`, { ...wanted('viewing'), redactionId }), { code: 'not-found' })
  await t.rejects(ann.post(`${at}/exports`, { ...wanted('viewing'), redactionId: '../..' }), { code: 'bad-request' })
  const job = await ann.post<ExportJob>(`${at}/exports`, wanted('viewing', `he calls from ${NUMBER}`))
  t.match(job, { kind: 'viewing', state: /waiting|running/ })
  t.match((await actions())[0], { action: 'export', who: 'ann', detail: /^viewing exp_\w+: he calls/ })
  t.equal((await ann.fetch(`/exports/${job.exportId}/file`)).status, 404, 'not yet made')
  const done = await finished(ann, job.exportId)
  t.match(done, { state: 'done', progress: 1 })
  t.match((await actions())[0], { action: 'export', detail: new RegExp(`made: SHA-256 ${done.sha256}`) })
  const { names, manifest, to } = await taken(t, ann, done)
  t.match((await actions())[0], { action: 'downloaded', who: 'ann', detail: new RegExp(String(done.sha256)) })
  t.match(manifest, { kind: 'viewing', originals: false, exportedBy: { name: 'ann' } })
  t.notOk(names.some(name => name.startsWith('originals/')))
  for (const name of names.filter(name => /\.(json|html|txt)$/.test(name)))
    t.notMatch(await readFile(join(to, name), 'utf8'), NUMBER, name)
})

t.test('[EP10] what one asked for is nobody else’s: neither seen nor fetched', async t => {
  const [job] = await mine(ann)
  await bob.post(`${at}/open`, { reason: 'a look' })
  t.same(await mine(bob), [])
  t.equal((await bob.fetch(`/exports/${job?.exportId}/file`)).status, 404)
  t.equal((await ann.fetch('/exports/exp_none/file')).status, 404)
})

t.test(
  '[EP11] [EP1] [EP2] originals only by an agreed release of the whole record, which stands in the package',
  async t => {
    await t.rejects(ann.post(`${at}/exports`, wanted('evidence')), { code: 'forbidden', message: /release/ })
    t.notOk(
      (await actions()).some(one => one.detail.startsWith('evidence')),
      'nothing was begun',
    )
    const asked = await ann.post<Release>(`${at}/releases`, { reason: 'court', files: 'package' })
    await t.rejects(ann.post(`${at}/exports`, wanted('evidence')), { code: 'forbidden' }, 'asked is not agreed')
    await officer.post(`/releases/${asked.releaseId}/agree`, { reason: 'order seen', validMinutes: 60 })
    await t.rejects(bob.post(`${at}/exports`, wanted('evidence')), { code: 'forbidden' }, 'the release is ann’s')
    const { exportId } = await ann.post<ExportJob>(`${at}/exports`, wanted('evidence'))
    const done = await finished(ann, exportId)
    t.equal(done.state, 'done')
    const { names, manifest, to } = await taken(t, ann, done)
    t.match(manifest, {
      ...{ originals: true, intact: true, reason: 'complaint 4711' },
      release: {
        releaseId: asked.releaseId,
        askedBy: 'ann',
        agreedBy: 'officer',
        reason: 'court',
        answer: 'order seen',
      },
    })
    for (const one of call.manifest.files) {
      t.ok(names.includes(`originals/${one.path}`), one.path)
      t.equal(sha(await readFile(join(to, 'originals', one.path))), one.sha256)
    }
    await ann.post(`/releases/${asked.releaseId}/withdraw`)
    t.equal((await ann.fetch(`/exports/${exportId}/file`)).status, 403, 'taken back, it is not fetched any more')
  },
)

t.test('[EP12] a restricted record is not exported, and what was made of it before is not fetched', async t => {
  const viewing = (await mine(ann)).find(one => one.kind === 'viewing')
  const before = await actions()
  server.restricted.add(call.callId)
  await t.rejects(ann.post(`${at}/exports`, wanted('viewing')), { code: 'not-found' })
  await t.rejects(mine(ann), { code: 'not-found' })
  t.equal((await ann.fetch(`/exports/${viewing?.exportId}/file`)).status, 404)
  server.restricted.delete(call.callId)
  t.equal((await actions()).length, before.length, 'nothing was begun')
  t.equal((await ann.fetch(`/exports/${viewing?.exportId}/file`)).status, 200)
})

t.test('[EP13] no more than four wait or run; purging a record ends and removes what was made of it', async t => {
  const other = await server.record({})
  const below = `/calls/${other.callId}`
  await ann.post(`${below}/open`, { reason: 'queue' })
  for (let n = 0; n < 4; n++) await ann.post(`${below}/exports`, wanted('report'))
  await t.rejects(ann.post(`${below}/exports`, wanted('report')), { code: 'too-many' })
  const [exports] = made
  t.ok(exports?.isBusy(other.callId))
  t.equal(await exports?.forget(other.callId), 4)
  t.same(await mine(ann, below), [])
  t.notOk(exports?.isBusy(other.callId))
  const { exportId } = await ann.post<ExportJob>(`${below}/exports`, wanted('report'))
  t.equal((await finished(ann, exportId, below)).state, 'done', 'the next one is made')
  const answer = await ann.fetch(`/exports/${exportId}/file`)
  t.match(answer.headers.get('content-disposition'), `${other.callId}-report.pdf`)
  t.equal(
    Buffer.from(await answer.arrayBuffer())
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  )
})

t.test('[EP14] the file is there for its time only, and nothing stays when the server ends', async t => {
  const short = await house(1_500)
  const cleo = await short.server.reviewer('cleo')
  const one = await short.server.record({})
  const below = `/calls/${one.callId}`
  await cleo.post(`${below}/open`, { reason: 'expiry' })
  const { exportId } = await cleo.post<ExportJob>(`${below}/exports`, wanted('report'))
  const done = await finished(cleo, exportId, below)
  t.ok(Date.parse(done.expiresAt ?? '') > Date.now() - 1_500)
  t.equal((await cleo.fetch(`/exports/${exportId}/file`)).status, 200)
  await until('its end', async () => (await mine(cleo, below)).length === 0, { timeoutMs: 10_000 })
  t.equal((await cleo.fetch(`/exports/${exportId}/file`)).status, 404)
  await cleo.post(`${below}/exports`, wanted('viewing'))
  await sleep(100)
  await short.server.close()
  t.same(await plainFiles(short.workRoot), [], 'nothing is left behind')
  t.ok((await plainFiles(workRoot)).length > 0, 'while the other house keeps its own')
})

async function plainFiles(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all.filter(one => one.isFile() && /\.(zip|pdf)$/.test(one.name)).map(one => one.name)
}
