import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readPackageManifest } from '../../../recordings/export/package-manifest.ts'
import { buildPages } from '../../../scripts/build-pages.mjs'
import { ExportError, exportInChild } from './exporter.ts'
import { mixedCall, orderFor } from './fixture.ts'

t.setTimeout(120_000)

t.test('[EP8] a package is made in a child process that never has the private key; stopped, it ends', async t => {
  const root = await mkdtemp(join(tmpdir(), 'export-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const pagesFolder = join(root, 'pages')
  await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })
  const call = await mixedCall(t, 2)
  await mkdir(join(root, 'work'))
  const order = orderFor(call, { folder: join(root, 'work'), pagesFolder })
  t.notMatch(JSON.stringify(order), 'PRIVATE')
  const heard: number[] = []
  const sealKey = call.key
  const onProgress = (progress: number) => heard.push(progress)
  const result = await exportInChild(order, { sealKey, onProgress, signal: new AbortController().signal })
  t.ok(result.bytes > 100_000)
  t.match(result.sha256, /^[0-9a-f]{64}$/)
  t.ok(heard.length > 0 && (heard.at(-1) ?? 0) <= 1)
  const stop = new AbortController()
  const stopped = exportInChild(order, { sealKey, onProgress, signal: stop.signal })
  setTimeout(() => stop.abort(), 300)
  await t.rejects(stopped, ExportError)
  t.equal(readPackageManifest(Buffer.from('{}')), undefined)
})
