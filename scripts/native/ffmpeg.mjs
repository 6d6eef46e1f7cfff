import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { install, installCommand, mayInstall, which } from './apt.mjs'
import { cacheFolder } from './cache.mjs'
import { ask, run } from './run.mjs'

/** ffmpeg-static's own script asks for one file of some 80 MB; a network that gives nothing must not hold the start. */
const PROBE_MS = 4_000
const DOWNLOAD_MS = 300_000
/** A start must not pay for the same dead network every time. */
const RETRY_AFTER_MS = 24 * 3600 * 1000

/**
 * The order in which ffmpeg is looked for. Every step answers a path, or undefined for "not this way".
 * @param {string | undefined} named FFMPEG_BIN
 * @param {{runs(path: string): Promise<boolean>, packaged(): Promise<string | undefined>, system(): Promise<string | undefined>,
 *   download(): Promise<string | undefined>, install(): Promise<string | undefined>}} steps
 * @returns {Promise<{path: string, source: 'FFMPEG_BIN' | 'ffmpeg-static' | 'system' | 'apt'}>}
 * @throws Error in one line
 */
export async function chooseFfmpeg(named, steps) {
  if (named) {
    if (await steps.runs(named)) return { path: named, source: 'FFMPEG_BIN' }
    throw new Error(`FFMPEG_BIN=${named} is not an ffmpeg that runs on this machine`)
  }
  const packaged = await steps.packaged()
  if (packaged) return { path: packaged, source: 'ffmpeg-static' }
  const downloaded = await steps.download()
  if (downloaded) return { path: downloaded, source: 'ffmpeg-static' }
  const system = await steps.system()
  if (system) return { path: system, source: 'system' }
  const installed = await steps.install()
  if (installed) return { path: installed, source: 'apt' }
  throw new Error(`ffmpeg is missing; run as root: ${installCommand(['ffmpeg'])} — or name a binary in FFMPEG_BIN`)
}

export function provideFfmpeg({ root, log = console.log, env = process.env }) {
  const require = createRequire(join(root, 'package.json'))
  const packaged = async () => {
    try {
      const path = require('ffmpeg-static')
      return path && (await runs(path)) ? path : undefined
    } catch {
      return undefined
    }
  }
  const system = async () => {
    const path = which('ffmpeg', env.PATH)
    return path && (await runs(path)) ? path : undefined
  }
  return chooseFfmpeg(env.FFMPEG_BIN, {
    runs,
    packaged,
    system,
    download: async () => {
      const cache = cacheFolder(env)
      const failed = join(cache, 'ffmpeg-download-failed')
      if (isYoung(failed, RETRY_AFTER_MS)) return undefined
      try {
        const folder = dirname(require.resolve('ffmpeg-static/package.json'))
        // One byte tells whether the script may be let loose: it has no time limit of its own.
        const answer = await fetch(downloadUrl(folder, env), {
          headers: { range: 'bytes=0-0' },
          signal: AbortSignal.timeout(PROBE_MS),
        })
        await answer.body?.cancel()
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
        log('ffmpeg: downloading ffmpeg-static’s binary …')
        const logFile = join(cache, 'ffmpeg.log')
        await run(process.execPath, [join(folder, 'install.js')], { cwd: folder, logFile, timeoutMs: DOWNLOAD_MS })
      } catch (error) {
        log(`ffmpeg: no download to be had (${error.cause?.code ?? error.message.split('\n')[0]})`)
        mkdirSync(cache, { recursive: true })
        writeFileSync(failed, '')
      }
      return packaged()
    },
    install: async () => {
      if (!mayInstall()) return undefined
      log('ffmpeg: installing Debian’s package …')
      await install(['ffmpeg'], { logFile: join(cacheFolder(env), 'ffmpeg.log') })
      return system()
    },
  })
}

const runs = async path => (await ask(path, ['-hide_banner', '-version'])) !== undefined

/** The address that ffmpeg-static's install script will ask. */
function downloadUrl(folder, env) {
  const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))['ffmpeg-static']
  const base = env.FFMPEG_BINARIES_URL || 'https://github.com/eugeneware/ffmpeg-static/releases/download'
  const release = env.FFMPEG_BINARY_RELEASE || facts['binary-release-tag']
  return `${base}/${release}/${facts['executable-base-name']}-${process.platform}-${process.arch}.gz`
}

function isYoung(file, ageMs) {
  try {
    return Date.now() - statSync(file).mtimeMs < ageMs
  } catch {
    return false
  }
}
