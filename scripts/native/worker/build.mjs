import { copyFileSync, cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.mjs'
import { buildLibsrtp } from './libsrtp.mjs'
import { applyRecipe } from './recipe.mjs'

/**
 * Builds mediasoup-worker from the source in its npm package; nothing but Debian's archive is asked over the network.
 * @param {{workerSource: string, folder: string, target: string, logFile: string, log: (line: string) => void}} o
 *   `folder` is scratch space that the caller removes; `target` is where the binary goes
 * @returns {Promise<{srtp: 'openssl' | 'debian'}>} which libsrtp was linked
 * @throws CommandFailed | RecipeMismatch
 */
export async function buildWorker({ workerSource, folder, target, logFile, log }) {
  const tree = join(folder, 'worker')
  const build = join(folder, 'out')
  mkdirSync(folder, { recursive: true })
  cpSync(workerSource, tree, {
    recursive: true,
    filter: file => !/\/worker\/(out|prebuild|pip_[a-z]+)(\/|$)/.test(file),
  })
  applyRecipe(tree)

  let srtp = 'openssl'
  let pkgConfigPath = process.env.PKG_CONFIG_PATH ?? ''
  try {
    log('  libsrtp with OpenSSL, from Debian’s source package …')
    const libsrtp = await buildLibsrtp({ folder: join(folder, 'libsrtp'), logFile })
    pkgConfigPath = [libsrtp, pkgConfigPath].filter(Boolean).join(':')
  } catch (error) {
    srtp = 'debian'
    log(`  not possible here (${error.message.split('\n')[0]}); linking Debian’s libsrtp2, which is slower`)
  }

  const env = { PKG_CONFIG_PATH: pkgConfigPath }
  const options = ['-Db_ndebug=true', '-Db_pie=true']
  log('  configuring …')
  await run('meson', ['setup', build, '.', '--buildtype', 'release', '--wrap-mode', 'nodownload', ...options], {
    cwd: tree,
    env,
    logFile,
  })
  log('  compiling, about 3 minutes on 2 cores …')
  // The generated headers first: the compile steps do not say that they need them.
  await run('meson', ['compile', '-C', build, 'flatbuffers-generator'], { env, logFile })
  await run('ninja', ['-C', build, 'mediasoup-worker'], { env, logFile, timeoutMs: 3_600_000 })
  copyFileSync(join(build, 'mediasoup-worker'), target)
  return { srtp }
}
