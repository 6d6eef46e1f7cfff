import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.mjs'
import { run, tailOf } from './run.mjs'

/**
 * Does node_modules hold what the lock file asks for? npm leaves its own account of what it installed; comparing the two
 * costs milliseconds, and unlike a stamp of ours it also notices `npm install` by hand.
 * Optional packages may be absent (other platforms), but not of another version.
 * @param {{packages: Record<string, {version?: string, optional?: boolean, devOptional?: boolean, link?: boolean}>}} lock
 * @param {typeof lock | undefined} installed
 */
export function isInstalled(lock, installed) {
  if (installed === undefined) return false
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true
    const found = installed.packages[path]
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true
    return found.version === wanted.version
  })
}

/** npm packages as the lock file says. Leaves a matching node_modules alone. @throws Error with npm's last lines */
export async function providePackages({ root, log = console.log }) {
  const lock = readJson(join(root, 'package-lock.json'))
  const installed = () => readJson(join(root, 'node_modules', '.package-lock.json'))
  if (isInstalled(lock, installed())) return
  log('installing npm packages …')
  const logFile = join(cacheFolder(), 'npm.log')
  // Under `npm start` the same npm is used again; it may not be the one on PATH.
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []]
  try {
    await run(command, [...args, 'ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional'], {
      cwd: root,
      logFile,
    })
  } catch (error) {
    throw new Error(`npm ci failed; see ${logFile}\n${tailOf(logFile)}`, { cause: error })
  }
  if (!isInstalled(lock, installed()))
    throw new Error(`npm ci ended well, but node_modules does not match; see ${logFile}`)
}

/**
 * tap generates its test class for the plugins in use. Ours are not its default (`.taprc` leaves TypeScript to Node), so it
 * has to be generated once after each installation. Works without the network.
 */
export async function provideTap({ root, nodePath, log = console.log }) {
  if (tapHasOurPlugins(root)) return
  log('generating tap’s test class …')
  const logFile = join(cacheFolder(), 'tap-build.log')
  await run(nodePath, [join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs'), 'build'], { cwd: root, logFile })
  if (!tapHasOurPlugins(root)) throw new Error(`tap build changed nothing; see ${logFile}`)
}

/** Only the default class loads the plugin that `.taprc` removes. */
function tapHasOurPlugins(root) {
  const built = join(root, 'node_modules', '@tapjs', 'test', 'test-built', 'dist', 'esm')
  if (!existsSync(built) || !existsSync(join(built, 'index.js'))) return false
  return !readdirSync(built)
    .filter(name => name.endsWith('.js'))
    .some(name => readFileSync(join(built, name), 'utf8').includes('@tapjs/typescript'))
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
