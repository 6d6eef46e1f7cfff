// `npm start` and `npm run demo`: brings what is missing, then runs the server with Node 24 until it ends.
// Plain JavaScript for any Node from 18 on, free of npm packages: it runs before there are any.
//
// The contract with server/main.ts: `--demo` is its only argument; MEDIASOUP_WORKER_BIN and FFMPEG_BIN are set; SIGTERM
// drains, SIGINT stops; its exit status is ours.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provideAll, ROOT } from './native/provide.mjs'

const UNKNOWN = process.argv.slice(2).filter(argument => argument !== '--demo')

/** Runs the server and resolves with its exit status. */
export function runServer({ nodePath, args, env, cwd = ROOT }) {
  const watch = new URL('./native/parent-watch.mjs', import.meta.url).href
  const child = spawn(nodePath, ['--import', watch, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: Ctrl+C reaches everything in the terminal's group, and npm passes it on once more. The
    // server shall hear each signal once, from us.
    detached: true,
  })
  const heard = new Set()
  const pass = signal => {
    if (heard.has(signal)) return
    heard.add(signal)
    child.kill(signal)
  }
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  // The terminal is gone, and nobody is there to press Ctrl+C.
  process.on('SIGHUP', () => pass('SIGINT'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  }).finally(() => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
  })
}

async function main() {
  if (UNKNOWN.length > 0)
    throw new Error(`unknown argument ${UNKNOWN[0]}; there is only --demo. Settings: see .env.example`)
  const { nodePath, env } = await provideAll()
  const demo = process.argv.includes('--demo') ? ['--demo'] : []
  process.exitCode = await runServer({ nodePath, args: [join(ROOT, 'server', 'main.ts'), ...demo], env })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch(error => {
    console.error(`tongping cannot start: ${error.message}`)
    process.exitCode = 1
  })
}
