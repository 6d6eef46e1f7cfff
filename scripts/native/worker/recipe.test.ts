import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { sourceLists } from './libsrtp.mjs'
import { applyRecipe, recipeHash } from './recipe.mjs'

const FILES = {
  'meson.build': "project('mediasoup-worker', meson_version: '>= 1.1.0')\n",
  'src/RTC/DtlsTransport.cpp': 'long r = (operationType == BIO_CB_RETURN) ? ret : 1;\n',
  'src/RTC/SrtpSession.cpp': 'srtp_policy_create(&policy);\n',
  'subprojects/openssl.wrap': '[wrap-file]\ndirectory = openssl-3.0.8\n',
  'subprojects/wingetopt.wrap': '[wrap-file]\ndirectory = wingetopt-1.00\n',
}

/** The places of a worker source that the recipe touches, with some of them changed. */
function simulatedSource(changes: Partial<Record<keyof typeof FILES, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tongping-bs-'))
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

t.test('[BS6] the source is prepared: DTLS fix, meson version, shims in place of downloads', async t => {
  const folder = simulatedSource()
  applyRecipe(folder)
  t.match(readFileSync(join(folder, 'src/RTC/DtlsTransport.cpp'), 'utf8'), '((operationType & BIO_CB_RETURN) != 0) ?')
  t.match(readFileSync(join(folder, 'meson.build'), 'utf8'), "meson_version: '>= 1.0.0'")
  t.same(readdirSync(join(folder, 'subprojects')).sort(), ['openssl-3.0.8', 'openssl.wrap', 'wingetopt.wrap'])
  t.ok(readdirSync(join(folder, 'subprojects/openssl-3.0.8')).includes('meson.build'))
})

t.test('[BS6] a source without the line that the DTLS fix needs stops the build', async t => {
  const folder = simulatedSource({ 'src/RTC/DtlsTransport.cpp': 'long r = 1;\n' })
  t.throws(() => applyRecipe(folder), { name: 'RecipeMismatch', message: /DtlsTransport.cpp.*found 0 times/ })
})

t.test('[BS6] a source that speaks another libsrtp than the shim stops the build', async t => {
  const folder = simulatedSource({ 'src/RTC/SrtpSession.cpp': 'srtp_create(&session, &policy);\n' })
  t.throws(() => applyRecipe(folder), { name: 'RecipeMismatch', message: /opaque policies/ })
})

t.test('[BS6] the mediasoup installed here is known to the recipe, which leaves nothing to download', async t => {
  const worker = join(import.meta.dirname, '../../../node_modules/mediasoup/worker')
  const folder = mkdtempSync(join(tmpdir(), 'tongping-bs-'))
  cpSync(worker, folder, { recursive: true, filter: file => !/\/worker\/(out|deps|fbs|test|fuzzer)(\/|$)/.test(file) })
  applyRecipe(folder)
  const subprojects = join(folder, 'subprojects')
  const notBuilt = /^(catch2|wingetopt)\.wrap$/
  const wraps = readdirSync(subprojects).filter(name => name.endsWith('.wrap') && !notBuilt.test(name))
  t.ok(wraps.length >= 5, 'the worker has dependencies')
  for (const wrap of wraps) {
    const directory = /^directory *= *(\S+)$/m.exec(readFileSync(join(subprojects, wrap), 'utf8'))?.[1] ?? ''
    t.ok(existsSync(join(subprojects, directory, 'meson.build')), `${wrap} has its folder`)
  }
})

t.test('[BS7] the recipe has one hash', async t => {
  t.match(recipeHash(), /^[0-9a-f]{12}$/)
  t.equal(recipeHash(), recipeHash())
})

t.test('[BS8] source entries are derived from both styles of source list; other archives are left out', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'tongping-bs-'))
  mkdirSync(join(folder, 'sources.list.d'))
  writeFileSync(
    join(folder, 'sources.list.d/debian.sources'),
    'Types: deb\n# a comment\nURIs: http://deb.debian.org/debian\nSuites: bookworm\nComponents: main\n',
  )
  writeFileSync(
    join(folder, 'sources.list'),
    'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main contrib\n' +
      '# deb http://mirror.example/debian old main\ndeb http://example.org/tool stable main\n',
  )
  const text = sourceLists(folder)
  t.equal(text.match(/^Types: deb-src$/gm)?.length, 2)
  t.match(text, 'URIs: http://deb.debian.org/debian\nSuites: bookworm')
  t.match(text, 'Suites: trixie\nComponents: main contrib\nSigned-By: /k.gpg')
  t.notMatch(text, /example\.org|old/)
  t.equal(sourceLists(join(folder, 'none')), '')
})
