import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Finds a program that a test needs; the error says how to get it. Tests never skip for lack of a tool. */
export function needTool(name: string, debianPackage: string): string {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], {
      encoding: 'utf8',
      // Where Debian puts daemons; not on everybody's path.
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    }).trim()
  } catch {
    throw new Error(`${name} is missing: apt-get install ${debianPackage}`)
  }
}

/** Runs a program to its end; resolves with what it wrote. Rejects on failure or after `timeoutMs`. */
export async function runTool(
  command: string,
  args: readonly string[],
  o: { timeoutMs?: number; input?: Buffer; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<{ status: number; stdout: Buffer; stderr: string }> {
  const child = spawn(command, args, {
    timeout: o.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
    env: o.env ?? process.env,
    ...(o.cwd === undefined ? {} : { cwd: o.cwd }),
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
  child.stdin.on('error', () => {})
  child.stdin.end(o.input)
  const [status, signal] = await once(child, 'close')
  if (signal) throw new Error(`${command} was ended by ${signal}: ${Buffer.concat(stderr).toString().slice(-500)}`)
  return { status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
}
