import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDotEnv } from './dot-env.mjs'
import { provideFfmpeg } from './ffmpeg.mjs'
import { provideWorker } from './mediasoup-worker.mjs'
import { provideNode } from './node24.mjs'
import { providePackages } from './packages.mjs'
import { providePages } from './pages.mjs'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const OLDEST_NODE = 18

/**
 * Everything the server needs that git does not carry, each in its turn and each said. Under a second when all is there.
 * @returns {Promise<{nodePath: string, env: Record<string, string>}>} the Node to run and the variables to give it
 * @throws Error in one clear line
 */
export async function provideAll({ log = console.log } = {}) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new Error(`Node ${OLDEST_NODE} or newer has to run this script; this is ${process.version}`)
  }
  readDotEnv(join(ROOT, '.env'))
  await providePackages({ root: ROOT, log })
  const node = await provideNode({ root: ROOT })
  const worker = await provideWorker({ log, nodePath: node.path })
  const ffmpeg = await provideFfmpeg({ root: ROOT, log })
  await providePages({ root: ROOT, nodePath: node.path, log })
  log(`ready: Node (${node.source}), mediasoup-worker (${worker.source}), ffmpeg (${ffmpeg.source})`)
  return { nodePath: node.path, env: { MEDIASOUP_WORKER_BIN: worker.path, FFMPEG_BIN: ffmpeg.path } }
}
