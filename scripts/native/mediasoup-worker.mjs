import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, release } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, installCommand, mayInstall, missingPackages, which } from './apt.mjs'
import { cacheFolder } from './cache.mjs'
import { ask, run, tailOf } from './run.mjs'
import { buildWorker } from './worker/build.mjs'
import { BUILD_PACKAGES, recipeHash } from './worker/recipe.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SMOKE = fileURLToPath(new URL('./worker-smoke.mjs', import.meta.url))
const FITS_MS = 20_000
const SMOKE_MS = 60_000
/** Long enough for a slow network's answer, short enough for one that swallows packets. */
const DOWNLOAD_ANSWER_MS = 5_000
const DOWNLOAD_WHOLE_MS = 180_000
const PROGRESS_EVERY_MS = 30_000
/** mediasoup-worker's own answer when started by hand: it runs here, and misses its parent. */
const NO_PARENT_EXIT = 41

/**
 * The order in which a worker is looked for. Every step answers a path, or undefined for "not this way".
 * @param {string | undefined} named MEDIASOUP_WORKER_BIN
 * @param {{runs(path: string): Promise<boolean>, fits(path: string): Promise<boolean>, cached(): Promise<string | undefined>,
 *   download(): Promise<string | undefined>, prepare(): Promise<void>, build(): Promise<string>}} steps
 * @returns {Promise<{path: string, source: 'MEDIASOUP_WORKER_BIN' | 'cache' | 'download' | 'build'}>}
 * @throws Error in one line, when a named binary does not run or the build cannot be prepared
 */
export async function chooseWorker(named, steps) {
  if (named) {
    if (!(await steps.runs(named))) {
      throw new Error(`MEDIASOUP_WORKER_BIN=${named} is not a mediasoup-worker that runs on this machine`)
    }
    // A worker of another version never answers: the server would wait for it for ever.
    if (!(await steps.fits(named))) {
      throw new Error(
        `MEDIASOUP_WORKER_BIN=${named} does not fit the mediasoup in package.json; name one of its version, or none`,
      )
    }
    return { path: named, source: 'MEDIASOUP_WORKER_BIN' }
  }
  const cached = await steps.cached()
  if (cached) return { path: cached, source: 'cache' }
  const downloaded = await steps.download()
  if (downloaded) return { path: downloaded, source: 'download' }
  await steps.prepare()
  // The cache key holds library versions, which may only be known now.
  const known = await steps.cached()
  if (known) return { path: known, source: 'cache' }
  return { path: await steps.build(), source: 'build' }
}

/** Provides mediasoup-worker for this machine; `nodePath` is the Node that runs the smoke test. */
export async function provideWorker({ log = console.log, env = process.env, nodePath = process.execPath } = {}) {
  const cache = join(cacheFolder(env), 'worker')
  const logFile = join(cache, 'build.log')
  const version = packageVersion()
  const place = async () => join(cache, await builtKey(version))
  const downloadPlace = join(cache, `${version}-prebuilt-${arch()}-kernel${kernelMajor()}`)
  return chooseWorker(env.MEDIASOUP_WORKER_BIN, {
    runs,
    fits: path =>
      run(nodePath, [SMOKE, path], { cwd: ROOT, timeoutMs: FITS_MS }).then(
        () => true,
        () => false,
      ),
    cached: async () => {
      for (const folder of [await place(), downloadPlace]) {
        const file = join(folder, 'mediasoup-worker')
        if (existsSync(file) && (await runs(file))) return file
      }
      return undefined
    },
    download: () => downloadWorker({ version, place: downloadPlace, nodePath, env, log }),
    prepare: () => prepareBuild({ logFile, log }),
    build: async () => {
      log(`mediasoup-worker ${version}: building from its npm package (log: ${logFile})`)
      const started = Date.now()
      const path = await made(await place(), logFile, async (folder, target) => {
        const workerSource = join(ROOT, 'node_modules', 'mediasoup', 'worker')
        const progress = setInterval(() => log(`  ${lastStep(logFile)}`), PROGRESS_EVERY_MS)
        const built = await buildWorker({ workerSource, folder, target, logFile, log }).finally(() =>
          clearInterval(progress),
        )
        log('  smoke test: a router, transports, a DTLS handshake …')
        await run(nodePath, [SMOKE, target], { cwd: ROOT, logFile, timeoutMs: SMOKE_MS })
        return built
      })
      log(`  done in ${Math.round((Date.now() - started) / 1000)} s`)
      return path
    },
  })
}

/**
 * Makes a binary in a scratch folder and moves it into place when all of it went well, so that a build that was killed
 * leaves nothing that looks finished. Two builds at once waste time, nothing else: the first in place stays.
 */
async function made(place, logFile, make) {
  const scratch = `${place}.making-${process.pid}`
  const ready = join(scratch, 'ready')
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(ready, { recursive: true })
  try {
    const facts = await make(join(scratch, 'build'), join(ready, 'mediasoup-worker'))
    writeFileSync(join(ready, 'facts.json'), `${JSON.stringify({ ...facts, madeAt: new Date() }, undefined, 2)}\n`)
    chmodSync(join(ready, 'mediasoup-worker'), 0o755)
    mkdirSync(dirname(place), { recursive: true })
    // What lies there already did not run (a library went away), or `cached` would have found it.
    const path = join(place, 'mediasoup-worker')
    if (!(existsSync(path) && (await runs(path)))) {
      rmSync(place, { recursive: true, force: true })
      renameSync(ready, place)
    }
    return path
  } catch (error) {
    throw new Error(`mediasoup-worker could not be made: ${error.message}\n${tailOf(logFile)}`, { cause: error })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function prepareBuild({ logFile, log }) {
  const missing = await missingPackages(BUILD_PACKAGES)
  if (missing.length === 0) return
  if (!mayInstall()) {
    throw new Error(
      'mediasoup-worker has to be built here, and these Debian packages are missing; run as root: ' +
        `${installCommand(missing)} — or name a binary in MEDIASOUP_WORKER_BIN`,
    )
  }
  log(`installing Debian packages for the build of mediasoup-worker: ${missing.join(' ')}`)
  await install(missing, { logFile })
}

/** mediasoup's own release binary. undefined, and one quiet line, where it cannot be had. */
async function downloadWorker({ version, place, nodePath, env, log }) {
  if (env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) return undefined
  const base =
    env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || 'https://github.com/versatica/mediasoup/releases/download'
  const url = `${base}/${version}/mediasoup-worker-${version}-${platform()}-${arch()}-kernel${kernelMajor()}.tgz`
  const abort = new AbortController()
  let timer = setTimeout(() => abort.abort(), DOWNLOAD_ANSWER_MS)
  const logFile = `${place}.log`
  try {
    const response = await fetch(url, { signal: abort.signal })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    clearTimeout(timer)
    timer = setTimeout(() => abort.abort(), DOWNLOAD_WHOLE_MS)
    const bytes = Buffer.from(await response.arrayBuffer())
    return await made(place, logFile, async (folder, target) => {
      mkdirSync(folder, { recursive: true })
      const archive = join(folder, 'worker.tgz')
      writeFileSync(archive, bytes)
      await run('tar', ['-xzf', archive, '-C', dirname(target), 'mediasoup-worker'], { logFile })
      // Its OpenSSL is its own, so the handshake may be left out where no other side is at hand.
      const flags = which('openssl') ? [] : ['--no-handshake']
      await run(nodePath, [SMOKE, target, ...flags], { cwd: ROOT, logFile, timeoutMs: SMOKE_MS })
      return { url }
    })
  } catch (error) {
    const reason = abort.signal.aborted ? 'no answer' : (error.cause?.code ?? error.message.split('\n')[0])
    log(`mediasoup-worker ${version}: no prebuilt binary to be had (${reason})`)
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

async function runs(path) {
  try {
    // Nothing of our environment: one variable of mediasoup's would make it wait for a parent.
    await run('env', ['-i', path], { timeoutMs: 5_000 })
    return false
  } catch (error) {
    return error.code === NO_PARENT_EXIT
  }
}

/** How far ninja has come, for somebody who wonders whether anything happens at all. */
function lastStep(logFile) {
  const [, done, all] = /^\[(\d+)\/(\d+)\][^[]*$/m.exec(tailOf(logFile, 1)) ?? []
  return done ? `${done} of ${all} steps` : 'working …'
}

const kernelMajor = () => Number(release().split('.')[0])

function packageVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', 'mediasoup', 'package.json'), 'utf8')).version
}

/** Version, recipe, processor, and the versions of the libraries whose fixes have to reach the binary. */
export async function builtKey(version) {
  const names = ['libssl3', 'libssl3t64', 'libsrtp2-dev']
  // dpkg-query answers non-zero when one is unknown, which one of the first two always is.
  const listed =
    (await ask('sh', ['-c', `dpkg-query -W -f '\${Package}=\${Version} ' ${names.join(' ')} 2>/dev/null; :`])) ?? ''
  const libraries = listed
    .split(' ')
    .filter(entry => /=./.test(entry))
    .map(entry => entry.replace(/^lib(\w+?)(3|3t64|2-dev)=/, '$1'))
  return [version, recipeHash(), arch(), ...libraries].join('-').replace(/[^\w.+~-]/g, '_')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  provideWorker().then(
    ({ path, source }) => console.log(`${path} (${source})`),
    error => {
      console.error(error.message)
      process.exitCode = 1
    },
  )
}
