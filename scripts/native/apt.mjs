import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ask, run } from './run.mjs'

/** Full path of a program on PATH, or undefined. */
export function which(program, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {}
  }
  return undefined
}

/** May this process install packages? */
export function mayInstall() {
  return process.getuid?.() === 0 && which('apt-get') !== undefined
}

/** Which of these Debian packages are not installed. Everything, where there is no dpkg. */
export async function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  const installed = (await ask('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\n'])) ?? ''
  const ready = new Set(
    installed
      .split('\n')
      .filter(line => line.includes(' ii'))
      .map(line => line.split(' ')[0]),
  )
  return names.filter(name => !ready.has(name))
}

export const installCommand = names => `apt-get install -y --no-install-recommends ${names.join(' ')}`

/** Package lists are fetched once per process: images often come without any. */
let listsFetched = false

/** Installs Debian packages. @throws CommandFailed */
export async function install(names, { logFile }) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  // Another apt may be running (a second start, unattended upgrades): wait for it instead of failing.
  const apt = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=2']
  if (!listsFetched) {
    // A broken third-party source must not stop us; the installation itself tells whether it mattered.
    await ask('apt-get', [...apt, 'update'], { env, logFile, timeoutMs: 180_000 })
    listsFetched = true
  }
  await run('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...names], {
    env,
    logFile,
    timeoutMs: 900_000,
  })
}
