import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A command that ended badly; `logFile` holds what it said. */
export class CommandFailed extends Error {
  name = 'CommandFailed'
  constructor(command, code, logFile) {
    super(`${command} ended with ${code}${logFile ? `; see ${logFile}` : ''}`)
    this.code = code
    this.logFile = logFile
  }
}

/**
 * Runs a command to its end. With `logFile` its output is appended there, otherwise it is returned (stdout only, trimmed).
 * @throws CommandFailed when it cannot start, is out of time, or answers non-zero
 */
export function run(command, args, { cwd, env, logFile, timeoutMs, stderr = 'ignore' } = {}) {
  return new Promise((resolve, reject) => {
    const line = [command, ...args].join(' ')
    let sink = 'pipe'
    if (logFile) {
      mkdirSync(dirname(logFile), { recursive: true })
      appendFileSync(logFile, `\n$ ${line}\n`)
      sink = openSync(logFile, 'a')
    }
    const child = spawn(command, args, {
      cwd,
      env: env ? { ...process.env, ...env } : process.env,
      stdio: ['ignore', sink, logFile ? sink : stderr],
    })
    if (logFile) closeSync(sink)
    // spawn's own `timeout` outlives a program that could not be started.
    const timer = timeoutMs ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined
    const chunks = []
    child.stdout?.on('data', chunk => chunks.push(chunk))
    child.once('error', error => {
      clearTimeout(timer)
      reject(new CommandFailed(line, error.code ?? error.message, logFile))
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8').trim())
      else reject(new CommandFailed(line, code ?? signal, logFile))
    })
  })
}

/** The same, but `undefined` instead of a failure: for probes. */
export async function ask(command, args, options = {}) {
  try {
    return await run(command, args, { timeoutMs: 20_000, ...options })
  } catch {
    return undefined
  }
}

/** The last lines of a log, for the terminal. */
export function tailOf(logFile, lines = 15) {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}
