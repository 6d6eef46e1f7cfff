import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** What the build needs from Debian. `openssl` is the other side of the smoke test's handshake. */
export const BUILD_PACKAGES = [
  'build-essential',
  'dpkg-dev',
  'flatbuffers-compiler',
  'libabsl-dev',
  'libflatbuffers-dev',
  'libsrtp2-dev',
  'libssl-dev',
  'libuv1-dev',
  'meson',
  'ninja-build',
  'openssl',
  'pkg-config',
]

/** Changes whenever anything in this folder does: part of the cache key. */
export function recipeHash() {
  const files = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map(entry => join(entry.path ?? entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(here.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/** Source that is not what this recipe was written for. */
export class RecipeMismatch extends Error {
  name = 'RecipeMismatch'
}

/** Prepares a copy of mediasoup's worker source for Debian's libraries. @throws RecipeMismatch */
export function applyRecipe(tree) {
  replace(join(tree, 'meson.build'), /meson_version: *'>= *[\d.]+'/, "meson_version: '>= 1.0.0'")
  // OpenSSL passes the operation OR-ed with BIO_CB_RETURN. Compared with ==, every BIO_ctrl of an OpenSSL with kernel TLS
  // answers 1, and the first DTLS handshake kills the worker with a null buffer.
  replace(
    join(tree, 'src/RTC/DtlsTransport.cpp'),
    /\(operationType == BIO_CB_RETURN\)/,
    '((operationType & BIO_CB_RETURN) != 0)',
  )
  if (!readFileSync(join(tree, 'src/RTC/SrtpSession.cpp'), 'utf8').includes('srtp_policy_create')) {
    throw new RecipeMismatch("this mediasoup does not use libsrtp 3's opaque policies, which shims/libsrtp3 speaks")
  }
  const subprojects = join(tree, 'subprojects')
  for (const wrap of readdirSync(subprojects).filter(name => name.endsWith('.wrap'))) {
    const shim = join(here, 'shims', wrap.replace(/\.wrap$/, ''))
    if (!existsSync(shim)) continue
    const directory = /^directory *= *(\S+)$/m.exec(readFileSync(join(subprojects, wrap), 'utf8'))?.[1]
    if (!directory) throw new RecipeMismatch(`${wrap} names no directory`)
    // Where that folder is there already, meson takes it and has nothing left to download.
    cpSync(shim, join(subprojects, directory), { recursive: true })
  }
}

function replace(file, pattern, text) {
  const before = readFileSync(file, 'utf8')
  const count = before.match(new RegExp(pattern, 'g'))?.length ?? 0
  if (count !== 1) throw new RecipeMismatch(`${file}: ${pattern} found ${count} times instead of once`)
  writeFileSync(file, before.replace(pattern, text))
}
