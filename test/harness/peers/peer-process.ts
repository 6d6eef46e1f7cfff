import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needTool } from '../tools.ts'
import { until } from '../until.ts'

const MAX_OUTPUT_CHARS = 400_000

/** A foreign program with a folder of its own, ended with the test whatever becomes of the test. */
export class PeerProcess {
  readonly folder: string
  readonly name: string
  #output = ''
  readonly #child: ChildProcess

  private constructor(name: string, folder: string, child: ChildProcess) {
    this.name = name
    this.folder = folder
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => {
        this.#output = (this.#output + bytes.toString()).slice(-MAX_OUTPUT_CHARS)
      })
    child.stdin?.on('error', () => {})
    child.on('error', error => {
      this.#output += `\n${error.message}`
    })
  }

  /** Writes the files into a new folder and starts the program there. `args` gets the folder's path. */
  static async start(o: {
    program: string
    debianPackage: string
    files: Readonly<Record<string, string | Buffer>>
    args: (folder: string) => readonly string[]
    /** It is told what to do line by line, by `say`. */
    listens?: boolean
  }): Promise<PeerProcess> {
    const program = needTool(o.program, o.debianPackage)
    const folder = await mkdtemp(join(tmpdir(), `tongping-${o.program}-`))
    for (const [name, text] of Object.entries(o.files)) await writeFile(join(folder, name), text)
    // The kernel ends it when this process dies: a killed test run must not leave daemons behind. TERM, because those that
    // fork then end their children too. A group of its own for the same reason.
    const child = spawn(needTool('setpriv', 'util-linux'), ['--pdeathsig', 'TERM', '--', program, ...o.args(folder)], {
      cwd: folder,
      detached: true,
      stdio: [o.listens ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: folder },
    })
    return new PeerProcess(o.program, folder, child)
  }

  get output(): string {
    return this.#output
  }
  /** A line into its standard input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }
  /** Resolves with the exit status once it has left by itself; undefined when a signal ended it. */
  async left(): Promise<number | undefined> {
    if (!this.isGone) await once(this.#child, 'exit')
    return this.#child.exitCode ?? undefined
  }
  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when `ask` does; rejects with what the program wrote when it leaves before. */
  async ready(what: string, ask: () => Promise<boolean> | boolean, timeoutMs = 15_000): Promise<void> {
    try {
      await until(what, () => (this.isGone ? Promise.reject(new Error('it left')) : ask()), {
        timeoutMs,
      })
    } catch (error) {
      const { output } = this
      await this.close()
      throw new Error(`${this.name}: ${error instanceof Error ? error.message : error}: ${output.slice(-1500)}`)
    }
  }

  async close(): Promise<void> {
    if (!this.isGone && this.#child.pid !== undefined) {
      const left = once(this.#child, 'exit')
      this.#signal('SIGTERM')
      const forced = setTimeout(() => this.#signal('SIGKILL'), 2000)
      await left
      clearTimeout(forced)
      // Children that outlived the first of the group.
      this.#signal('SIGKILL')
    }
    if (process.env.TEST_KEEP_DATA !== '1') await rm(this.folder, { recursive: true, force: true })
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid ?? 0), signal)
    } catch {
      // Nobody is left in the group.
    }
  }
}
