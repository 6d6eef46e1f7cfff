import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import sharp from 'sharp'
import t from 'tap'
import { PictureCover } from '../../../media/picture/picture-cover.ts'
import { readPackageManifest } from '../../../recordings/export/package-manifest.ts'
import { testMuxer } from '../../../recordings/mux/fixture.ts'
import { buildPages } from '../../../scripts/build-pages.mjs'
import type { Redaction, Suggestion } from '../../../signaling/protocol/redaction.ts'
import { until } from '../../../test/harness/until.ts'
import { unzip } from '../../../test/harness/unzip.ts'
import { reviewServer } from '../../review/harness/review-server.ts'
import { openRedaction } from '../redaction/open-redaction.ts'
import { orderFor } from './fixture.ts'
import { runExport } from './run-export.ts'

t.setTimeout(180_000)
const ID_NUMBER = '110101199003077758'
const KEPT = 'MODEL RX 4400'
const drawn = await sharp(
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="900" height="400"><rect width="900" height="400" fill="#fff"/>
    <text x="60" y="120" font-size="54">${KEPT}</text><text x="60" y="290" font-size="54">${ID_NUMBER}</text></svg>`),
)
  .jpeg()
  .toBuffer()
const lines = [
  { text: KEPT, confidence: 95, box: { x: 0.05, y: 0.15, width: 0.6, height: 0.2 } },
  { text: ID_NUMBER, confidence: 92, box: { x: 0.03, y: 0.55, width: 0.94, height: 0.25 } },
]
const root = await mkdtemp(join(tmpdir(), 'redacted-'))
const pagesFolder = join(root, 'pages')
await mkdir(pagesFolder)
await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })
const cover = new PictureCover({ logger: pino({ level: 'silent' }) })
const muxer = await testMuxer(t)
const server = await reviewServer({
  more: async parts =>
    (
      await openRedaction({
        ...{ ...parts, muxer },
        cover: (bytes, boxes) => cover.cover(bytes, boxes),
        findFaces: async () => [],
        assertOpened: (context, callId) => parts.review.door.assertOpened(context, callId),
        onFault: error => t.fail(String(error)),
      })
    ).routes,
})
t.teardown(async () => {
  await server.close()
  await cover.close()
  await rm(root, { recursive: true, force: true })
})

t.test('[EP16] a package of a redacted copy has what the redaction left, in its place, and nothing else', async t => {
  const ann = await server.reviewer('ann')
  const call = await server.record({
    from: '+8613800138000',
    pictures: [{ bytes: drawn, text: `${KEPT}\n${ID_NUMBER}`, lines }],
  })
  const at = `/calls/${call.callId}`
  await ann.post(`${at}/open`, { reason: 'a third person asked' })
  const { suggestions } = await ann.post<{ suggestions: Suggestion[] }>(`${at}/redactions/suggest`, {})
  const { redactionId } = await ann.post<Redaction>(`${at}/redactions`, {
    title: 'for the court',
    items: suggestions.flatMap(one => one.items),
  })
  await ann.post(`/redactions/${redactionId}/apply`)
  await until(
    'the copy',
    async () => (await ann.get<{ redactions: Redaction[] }>(`${at}/redactions`)).redactions[0]?.state === 'applied',
    { timeoutMs: 90_000 },
  )
  const files = await server.archives.files(call.callId)
  // The replay of the whole is there too, as after any call: it must not come along.
  await files.put('derived/replay.webm', [Buffer.from('the whole film')])
  await files.put('derived/peaks.json', [Buffer.from('{"the":"whole"}')])

  const folder = join(root, 'work')
  await mkdir(folder)
  const facts = { ...call, root: server.dataDir, key: server.key }
  const order = orderFor(facts, { folder, pagesFolder, origin: { kind: 'viewing', language: 'en', redactionId } })
  await runExport(order, { sign: async text => server.key.sign(text) })
  const to = join(root, 'unpacked')
  const names = await unzip(await readFile(order.out), to)
  const manifest = readPackageManifest(await readFile(join(to, 'package-manifest.json')))
  t.match(manifest, { kind: 'viewing', originals: false, redactionId })

  const left = (await files.list()).filter(({ path }) => path.startsWith(`derived/redactions/${redactionId}/`))
  t.ok(left.length >= 4)
  for (const { path } of left)
    t.same(
      await readFile(join(to, 'redacted', path.slice(`derived/redactions/${redactionId}/`.length))),
      await files.read(path),
      path,
    )
  t.notOk(names.some(name => /^(originals|media|pictures|stamps)\//.test(name)))
  for (const name of names.filter(name => /\.(json|html|txt)$/.test(name))) {
    const text = await readFile(join(to, name), 'utf8')
    for (const secret of [ID_NUMBER, '13800138000']) t.notMatch(text, secret, name)
  }
  const leaflet = await readFile(join(to, 'README.txt'), 'utf8')
  t.match(leaflet, 'redacted/ ')
  t.notMatch(leaflet, /^ {2}(media|pictures|originals)\//m, 'it names no folder that is not there')
  const picture = names.find(name => /^redacted\/pictures\/.+\.png$/.test(name)) ?? ''
  const page = await readFile(join(to, 'index.html'), 'utf8')
  const name = picture.replace(/^redacted\/(.+)\.png$/, '$1.jpg')
  t.match(page, `"${name}":"${picture}"`, 'the page shows the covered picture in the place of the original')
  t.match(page, '"url":"redacted/replay-redacted.webm"', 'and plays the covered film')
  const peaks = await files.read(`derived/redactions/${redactionId}/peaks.json`)
  t.match(page, peaks.toString('base64').slice(0, 40), 'with its own wave')
  const report = join(to, 'report.pdf')
  t.match(spawnSync('pdftotext', ['-layout', report, '-'], { encoding: 'utf8' }).stdout, KEPT)
  const images = spawnSync('pdfimages', ['-list', report], { encoding: 'utf8' }).stdout
  t.match(images, /jpeg/, 'the report shows the covered picture')
})
