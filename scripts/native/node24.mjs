import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { which } from './apt.mjs'
import { ask } from './run.mjs'

export const NEEDED_MAJOR = 24

const majorOf = version => Number(/^v?(\d+)\./.exec(version ?? '')?.[1] ?? 0)

/** Where npm's optional package put Node for this machine, if there is one. */
export function packagedNode(root, platform = process.platform, arch = process.arch) {
  const require = createRequire(join(root, 'package.json'))
  try {
    const file = join(dirname(require.resolve(`node-${platform}-${arch}/package.json`)), 'bin', 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

/**
 * The Node that runs TypeScript: TONGPING_NODE, then npm's package for this machine, then the one we run in, then PATH.
 * @param {{named?: string, packaged?: string, own: {path: string, version: string}, onPath?: string}} candidates
 * @param {(path: string) => Promise<string | undefined>} versionOf what `<path> --version` says; undefined when it does not run
 * @returns {Promise<{path: string, source: string}>}
 * @throws Error in one line when none is new enough
 */
export async function chooseNode({ named, packaged, own, onPath }, versionOf) {
  if (named) {
    const version = await versionOf(named)
    if (majorOf(version) >= NEEDED_MAJOR) return { path: named, source: 'TONGPING_NODE' }
    throw new Error(
      `TONGPING_NODE=${named} is ${version ?? 'no Node that runs'}; Node ${NEEDED_MAJOR} or newer is needed`,
    )
  }
  if (packaged && majorOf(await versionOf(packaged)) >= NEEDED_MAJOR) return { path: packaged, source: 'npm package' }
  if (majorOf(own.version) >= NEEDED_MAJOR) return { path: own.path, source: 'this Node' }
  if (onPath && majorOf(await versionOf(onPath)) >= NEEDED_MAJOR) return { path: onPath, source: 'PATH' }
  throw new Error(
    `Node ${NEEDED_MAJOR} or newer is needed; npm has a package for linux-x64 and linux-arm64 only. ` +
      `Install Node ${NEEDED_MAJOR}, or name it in TONGPING_NODE`,
  )
}

export function provideNode({ root, env = process.env }) {
  return chooseNode(
    {
      named: env.TONGPING_NODE,
      packaged: packagedNode(root),
      own: { path: process.execPath, version: process.version },
      onPath: which('node', env.PATH),
    },
    path => ask(path, ['--version']),
  )
}
