import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { which } from '../apt.mjs'
import { run } from '../run.mjs'

/**
 * Debian's libsrtp2 ciphers with NSS, which costs up to four times the CPU of OpenSSL. This builds Debian's own source
 * package (fetched and signature-checked by apt) with OpenSSL, as a static library below `folder`.
 * The source list and its index are private: the system's apt configuration stays as it is.
 * @returns {Promise<string>} the folder for PKG_CONFIG_PATH
 * @throws CommandFailed where source packages cannot be had; Debian's binary package is the way then
 */
export async function buildLibsrtp({ folder, logFile }) {
  if (!which('apt-get') || !which('dpkg-source')) throw new Error('no apt-get or dpkg-source')
  const sources = sourceLists('/etc/apt')
  if (sources === '') throw new Error('no Debian package source is configured')
  const apt = join(folder, 'apt')
  for (const name of ['lists/partial', 'archives/partial', 'parts']) mkdirSync(join(apt, name), { recursive: true })
  writeFileSync(join(apt, 'parts', 'sources.sources'), sources)
  const options = Object.entries({
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': join(apt, 'parts'),
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache::Archives': join(apt, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Acquire::Languages': 'none',
    // The unprivileged user of apt cannot reach below root's folders; signatures are checked all the same.
    'APT::Sandbox::User': 'root',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`])
  await run('apt-get', [...options, 'update'], { logFile, timeoutMs: 120_000 })
  const source = join(folder, 'source')
  mkdirSync(source, { recursive: true })
  await run('apt-get', [...options, 'source', 'libsrtp2'], { cwd: source, logFile, timeoutMs: 120_000 })
  const tree = readdirSync(source, { withFileTypes: true }).find(entry => entry.isDirectory())
  if (!tree) throw new Error('the source package of libsrtp2 held no folder')

  const prefix = join(folder, 'prefix')
  const build = join(folder, 'build')
  const settings = {
    'crypto-library': 'openssl',
    'crypto-library-kdf': 'disabled',
    tests: 'disabled',
    'pcap-tests': 'disabled',
    doc: 'disabled',
    b_staticpic: 'true',
    b_ndebug: 'true',
  }
  const args = ['setup', build, '--prefix', prefix, '--libdir', 'lib', '--buildtype', 'release']
  const defines = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`)
  await run('meson', [...args, '--default-library', 'static', ...defines], { cwd: join(source, tree.name), logFile })
  await run('ninja', ['-C', build, 'install'], { logFile, timeoutMs: 300_000 })
  const pkgConfig = join(prefix, 'lib', 'pkgconfig')
  if (!existsSync(join(pkgConfig, 'libsrtp2.pc'))) throw new Error('libsrtp2 was built, but installed no libsrtp2.pc')
  return pkgConfig
}

/** The configured Debian archives, binary entries turned into source entries (deb822 and one-line style). */
export function sourceLists(folder) {
  const parts = join(folder, 'sources.list.d')
  const files = existsSync(parts) ? readdirSync(parts).map(name => join(parts, name)) : []
  const main = join(folder, 'sources.list')
  if (existsSync(main)) files.push(main)
  const stanzas = []
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    if (file.endsWith('.sources')) {
      for (const stanza of text.split(/\n\s*\n/)) {
        if (/^Types:.*\bdeb\b/m.test(stanza)) stanzas.push(stanza.trim().replace(/^Types:.*$/m, 'Types: deb-src'))
      }
    } else if (file.endsWith('.list')) {
      for (const line of text.split('\n')) {
        const found = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim())
        if (found) stanzas.push(stanzaOf(found))
      }
    }
  }
  // Third-party archives often carry no sources, and one that fails would fail them all.
  const debian = stanzas.filter(stanza => /^URIs:.*(debian|ubuntu)/m.test(stanza))
  return debian.length ? `${debian.join('\n\n')}\n` : ''
}

function stanzaOf([, options, uri, suite, components]) {
  const lines = ['Types: deb-src', `URIs: ${uri}`, `Suites: ${suite}`, `Components: ${components}`]
  const key = /signed-by=(\S+)/.exec(options ?? '')?.[1]
  if (key) lines.push(`Signed-By: ${key}`)
  return lines.join('\n')
}
