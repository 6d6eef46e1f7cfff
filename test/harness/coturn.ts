import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needTool } from './tools.ts'
import { until } from './until.ts'

const HOST = '127.0.0.1'

/** coturn as a child process on loopback, with the secret from which the server makes short-lived credentials. */
export class Coturn {
  readonly url: string
  readonly secret: string
  /** Ports from which it sends for its users. */
  readonly relayPorts: { readonly min: number; readonly max: number }
  readonly output: string[]
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(o: {
    url: string
    secret: string
    relayPorts: { min: number; max: number }
    output: string[]
    child: ChildProcess
    folder: string
  }) {
    this.url = o.url
    this.secret = o.secret
    this.relayPorts = o.relayPorts
    this.output = o.output
    this.#child = o.child
    this.#folder = o.folder
  }

  static async start(): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), 'tongping-coturn-'))
    const port = 33_000 + 40 * Math.floor(Math.random() * 100)
    const relayPorts = { min: port + 2, max: port + 39 }
    const secret = 'only-for-this-test'
    const child = spawn(
      needTool('turnserver', 'coturn'),
      [
        '-n',
        '--no-cli',
        '--no-tls',
        '--no-dtls',
        '--fingerprint',
        `--listening-ip=${HOST}`,
        `--relay-ip=${HOST}`,
        `--listening-port=${port}`,
        `--min-port=${relayPorts.min}`,
        `--max-port=${relayPorts.max}`,
        '--use-auth-secret',
        `--static-auth-secret=${secret}`,
        '--realm=tongping.test',
        // The server under test listens there.
        '--allow-loopback-peers',
        '--log-file=stdout',
        '--simple-log',
        '--verbose',
        `--userdb=${join(folder, 'turndb')}`,
        `--pidfile=${join(folder, 'pid')}`,
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const output: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => output.push(bytes.toString()))
    const coturn = new Coturn({ url: `turn:${HOST}:${port}?transport=udp`, secret, relayPorts, output, child, folder })
    try {
      await until('coturn to listen', () => {
        if (child.exitCode !== null) throw new Error(`coturn left: ${output.join('').slice(-1500)}`)
        return output.join('').includes('UDP listener opened')
      })
    } catch (error) {
      await coturn.close()
      throw error
    }
    return coturn
  }

  isRelay(port: number): boolean {
    return port >= this.relayPorts.min && port <= this.relayPorts.max
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const left = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await left
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}
