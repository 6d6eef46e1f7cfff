import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readPackageManifest } from '../../../recordings/export/package-manifest.ts'
import { buildPages } from '../../../scripts/build-pages.mjs'
import { unzip } from '../../../test/harness/unzip.ts'
import { CARD_NUMBER, encrypt, mixedCall, NUMBER, orderFor } from './fixture.ts'
import { runExport } from './run-export.ts'

// Real encoders on a busy machine.
t.setTimeout(180_000)
const KEEP = process.env.EXPORT_KEEP
const root = KEEP ?? (await mkdtemp(join(tmpdir(), 'export-')))
await mkdir(root, { recursive: true })
t.teardown(() => (KEEP ? undefined : rm(root, { recursive: true, force: true })))
const pagesFolder = join(root, 'pages')
await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })
const call = await mixedCall(t)

async function exported(name: string, o: Omit<Parameters<typeof orderFor>[1], 'folder' | 'pagesFolder'> = {}) {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  const order = orderFor(call, { ...o, folder, pagesFolder })
  const result = await runExport(order, { sign: async text => call.key.sign(text) })
  const to = join(folder, 'unpacked')
  const names = order.origin.kind === 'report' ? [] : await unzip(await readFile(order.out), to)
  return { order, result, to, names }
}

function verifier(folder: string, cwd: string) {
  const run = spawnSync(process.execPath, ['verify/tongping-verify.mjs', folder, '--key', 'verify/seal-key.pub.pem'], {
    cwd,
    encoding: 'utf8',
    env: {},
  })
  return { code: run.status, said: run.stdout + run.stderr }
}
function pdfText(path: string): string {
  return spawnSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).stdout
}

t.test(
  '[EP1] [EP2] [EP3] an evidence package: every hash holds, the verifier in it says intact and names a changed byte',
  async t => {
    const { to, names, order, result } = await exported('evidence')
    const bytes = await readFile(order.out)
    t.equal(createHash('sha256').update(bytes).digest('hex'), result.sha256)
    const manifest = readPackageManifest(await readFile(join(to, 'package-manifest.json')))
    if (!manifest) throw new Error('the manifest of the package does not hold')
    t.same(
      manifest.files
        .map(({ path }) => path)
        .concat('package-manifest.json')
        .sort(),
      [...names].sort(),
      'every file is listed',
    )
    for (const file of manifest.files)
      t.equal(
        createHash('sha256')
          .update(await readFile(join(to, file.path)))
          .digest('hex'),
        file.sha256,
        file.path,
      )
    t.equal(spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: to }).status, 0)
    for (const one of call.manifest.files) t.ok(names.includes(`originals/${one.path}`), one.path)
    for (const one of ['media/replay.webm', 'media/caller.ogg', 'media/mixed.ogg', 'README.txt'])
      t.ok(names.includes(one), one)

    const good = verifier('originals', to)
    t.equal(good.code, 0, good.said)
    t.match(good.said, /intact/i)
    const victim = join(to, 'originals', 'tracks/caller-voice-1.rtpj')
    const track = await readFile(victim)
    track[5000] = (track[5000] ?? 0) ^ 1
    await writeFile(victim, track)
    const bad = verifier('originals', to)
    t.equal(bad.code, 1)
    t.match(bad.said, /caller-voice-1\.rtpj/)
  },
)

t.test('[EP4] a changed word in the manifest of a package is told', async t => {
  const { to } = await exported('signed', { origin: { kind: 'viewing' } })
  const text = await readFile(join(to, 'package-manifest.json'), 'utf8')
  t.ok(readPackageManifest(Buffer.from(text)))
  t.equal(readPackageManifest(Buffer.from(text.replace('纠纷取证', '闲来看看'))), undefined)
})

t.test('[EP5] a viewing copy has no originals and no whole number in any text', async t => {
  const { to, names } = await exported('viewing', { origin: { kind: 'viewing', language: 'en' } })
  t.notOk(names.some(name => name.startsWith('originals/')))
  t.ok(names.some(name => /^pictures\/.+\.jpg$/.test(name)))
  for (const name of names.filter(name => /\.(json|html|txt)$/.test(name))) {
    const text = await readFile(join(to, name), 'utf8')
    t.notMatch(text, NUMBER, name)
    t.notMatch(text, CARD_NUMBER, name)
  }
  const text = pdfText(join(to, 'report.pdf'))
  t.match(text, call.callId)
  t.match(await readFile(join(to, 'index.html'), 'utf8'), /<title>Viewing copy of a call · call_/)
  t.notMatch(await readFile(join(to, 'README.txt'), 'utf8'), /^(同屏 · 通话证据包|Tongping · Evidence package)/m)
  t.match(text, /Page 1 of \d/)
  t.notMatch(text, NUMBER)
})

t.test('[EP6] the report says in Chinese what happened, with the call id', async t => {
  const { order } = await exported('report', { origin: { kind: 'report' } })
  const text = pdfText(order.out)
  t.match(text, call.callId)
  for (const word of [
    '通话证据报告',
    '完整：封存后未被改动',
    '林晓雨 接听',
    '画面已接通',
    '标注：红色圈',
    '燃气表读数',
    '通话结束',
  ])
    t.match(text, word)
  t.match(text, /第 1 页，共 \d+ 页/)
  t.match(text, '2026-01-02 11:04:05 UTC+08:00', 'absolute times with their zone')
})

t.test('[EP7] an encrypted call gives the same originals', async t => {
  const files = await encrypt(call)
  const { to } = await exported('encrypted', { files })
  const said = verifier('originals', to)
  t.equal(said.code, 0, said.said)
  for (const { path, sha256 } of call.manifest.files)
    t.equal(
      createHash('sha256')
        .update(await readFile(join(to, 'originals', path)))
        .digest('hex'),
      sha256,
      path,
    )
})
