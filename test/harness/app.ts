import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { SipTarget } from '../../scripts/simulated-caller/sip-wire.ts'
import { copyPlain } from './archive-reader.ts'
import type { TestBrowser } from './chromium.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const SEALED_MS = 30_000
/**
 * A replay is made at nice 15 by one process after the other: on a machine that is busy with other things it gets what they leave
 * (a minute for a call of 20 s at a load of 15 on two cores). The seal does not wait for it.
 */
const MUXED_MS = 240_000

export type Person = {
  readonly role: 'agent' | 'reviewer' | 'supervisor'
  readonly name: string
  readonly password: string
}
const ROOT = resolve(import.meta.dirname, '../..')

/** A running server as tests see it: addresses and a data folder. In this process or in one of its own. */
export abstract class TestServer {
  readonly dataDir: string
  readonly url: string
  readonly plainUrl: string
  readonly sipHost = '127.0.0.1'
  readonly sipPort: number
  /** Whether sealed calls are encrypted, as they are unless told otherwise. */
  encrypts = true

  protected constructor(o: { dataDir: string; url: string; plainUrl: string; sipPort: number }) {
    this.dataDir = o.dataDir
    this.url = o.url
    this.plainUrl = o.plainUrl
    this.sipPort = o.sipPort
  }
  abstract close(): Promise<void>

  /** Plain HTTP, as this machine itself may speak it: `/healthz`, `/metrics`. */
  plain(path: string): Promise<Response> {
    return fetch(`${this.plainUrl}${path}`)
  }

  sip(transport: 'udp' | 'tcp'): SipTarget {
    return { transport, host: this.sipHost, port: this.sipPort }
  }

  /** Somebody from the sheet made at the first start: `agent`, `agent2`, `reviewer`, `supervisor`. */
  async person(name: string): Promise<Person> {
    const sheet = await findFile(this.dataDir, 'first-run-sign-in.json')
    const people = JSON.parse(await readFile(sheet, 'utf8')) as Person[]
    const person = people.find(one => one.name === name)
    if (!person) throw new Error(`nobody is called ${name}`)
    return person
  }

  /** Folders of all calls kept so far, oldest first. */
  async archives(): Promise<string[]> {
    const root = join(this.dataDir, 'recordings')
    const folders: string[] = []
    for (const day of await readdir(root).catch(() => [])) {
      const calls = (await readdir(join(root, day))).filter(name => /^call_/.test(name))
      folders.push(...calls.map(call => join(root, day, call)))
    }
    return folders.sort()
  }

  /**
   * The only call, once it is sealed and encrypted (and muxed, if asked): a copy of its plain files, for tools that know
   * nothing of the vault. `which` sees the folder as it is kept.
   */
  async sealedArchive(
    o: { muxed?: boolean; timeoutMs?: number; which?: (folder: string) => Promise<boolean> } = {},
  ): Promise<string> {
    const wanted = o.muxed ? ['manifest.json', 'derived/replay.webm', 'derived/manifest.json'] : ['manifest.json']
    return until(
      `a sealed archive with ${wanted.join(', ')}`,
      async () => {
        for (const folder of await this.archives()) {
          // The folder is swapped for its encrypted form at some moment.
          const present: string[] = await readdir(folder, { recursive: true }).catch(() => [])
          const complete = wanted.every(name => present.includes(this.encrypts ? `${name}.tpv` : name))
          if (!complete || (o.which && !(await o.which(folder)))) continue
          if (!this.encrypts) return folder
          const copy = join(this.dataDir, 'plain-copies', basename(folder))
          await copyPlain(folder, copy)
          return copy
        }
        return undefined
      },
      { timeoutMs: o.timeoutMs ?? (o.muxed ? MUXED_MS : SEALED_MS), everyMs: 200 },
    )
  }
}

/** The test runner builds the pages before all tests; a test file started alone builds them when there are none. */
async function ensurePages(): Promise<void> {
  const built: string[] = await readdir(join(ROOT, 'h5-client/dist')).catch(() => [])
  if (['caller.html', 'agent.html', 'review.html', 'watch.html'].every(page => built.includes(page))) return
  const { buildPages } = await import('../../scripts/build-pages.mjs')
  await buildPages({ minify: true })
}

/** `TEST_KEEP_DATA=1` leaves the data folder for a look at what a failed test made. */
async function dropData(folder: string): Promise<void> {
  if (process.env.TEST_KEEP_DATA === '1') return
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function findFile(folder: string, name: string): Promise<string> {
  const found = (await readdir(folder, { recursive: true, withFileTypes: true })).find(entry => entry.name === name)
  if (!found) throw new Error(`no ${name} in the data folder`)
  return join(found.parentPath, name)
}

/** Every test server takes its own window of RTP ports, so that test files can run side by side. */
const rtpPortWindow = () => {
  const minPort = 21_000 + 100 * Math.floor(Math.random() * 80)
  return { minPort, maxPort: minPort + 99 }
}

/** The server inside this process: what most tests use. */
export class InnerServer extends TestServer {
  readonly #close: () => Promise<void>
  private constructor(o: {
    dataDir: string
    url: string
    plainUrl: string
    sipPort: number
    close: () => Promise<void>
  }) {
    super(o)
    this.#close = o.close
  }

  static async start(overrides: Record<string, object | string> = {}): Promise<InnerServer> {
    const [{ App }, { testConfig }] = await Promise.all([
      import('../../server/app.ts'),
      import('../../server/config/test-config.ts'),
    ])
    await ensurePages()
    const dataDir = await mkdtemp(join(tmpdir(), 'tongping-data-'))
    const logLevel = process.env.TEST_LOG_LEVEL ?? 'silent'
    const app = await App.create(
      testConfig(dataDir, {
        logLevel,
        rtp: rtpPortWindow(),
        sip: { port: await freePort() },
        ...overrides,
      } as Parameters<typeof testConfig>[1]),
    )
    const { https, http, sip } = app.addresses
    return new InnerServer({
      dataDir,
      url: `https://127.0.0.1:${portOf(https)}`,
      plainUrl: `http://127.0.0.1:${portOf(http)}`,
      sipPort: portOf(sip),
      close: () => app.close(),
    })
  }

  /** Closes the server; `look` sees the data folder before it goes. */
  async closeKeeping(look: () => Promise<void>): Promise<void> {
    await this.#close()
    await look()
    await this.close()
  }

  async close(): Promise<void> {
    await this.#close()
    await dropData(this.dataDir)
  }
}

/** The server as a process of its own, as an operator runs it: for tests that kill it. */
export class OuterServer extends TestServer {
  readonly #child: ChildProcess
  readonly output: string[]
  #keepsData = false

  private constructor(o: {
    dataDir: string
    url: string
    plainUrl: string
    sipPort: number
    child: ChildProcess
    output: string[]
  }) {
    super(o)
    this.#child = o.child
    this.output = o.output
  }

  /** `dataDir` of an earlier, killed server makes this one its successor. */
  static async start(o: { dataDir?: string; env?: Record<string, string>; demo?: boolean } = {}): Promise<OuterServer> {
    const dataDir = o.dataDir ?? (await mkdtemp(join(tmpdir(), 'tongping-data-')))
    await ensurePages()
    const base = 30_000 + 10 * Math.floor(Math.random() * 200)
    const { minPort, maxPort } = rtpPortWindow()
    const child = spawn(process.execPath, ['server/main.ts', ...(o.demo ? ['--demo'] : [])], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TONGPING_DATA_DIR: dataDir,
        TONGPING_LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'warn',
        TONGPING_HTTP_HOST: '127.0.0.1',
        TONGPING_HTTPS_PORT: `${base}`,
        TONGPING_HTTP_PORT: `${base + 1}`,
        TONGPING_PUBLIC_URL: `https://127.0.0.1:${base}`,
        TONGPING_SIP_HOST: '127.0.0.1',
        TONGPING_SIP_PORT: `${base + 2}`,
        TONGPING_RTP_HOST: '127.0.0.1',
        TONGPING_RTP_ANNOUNCED_ADDRESS: '127.0.0.1',
        TONGPING_RTP_PORT_MIN: `${minPort}`,
        TONGPING_RTP_PORT_MAX: `${maxPort}`,
        TONGPING_WEBRTC_HOST: '127.0.0.1',
        TONGPING_WEBRTC_ANNOUNCED_ADDRESS: '127.0.0.1',
        TONGPING_WEBRTC_PORT: `${base + 5}`,

        ...o.env,
      },
    })
    const output: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => output.push(bytes.toString()))
    const server = new OuterServer({
      ...{ dataDir, child, output, sipPort: base + 2 },
      url: `https://127.0.0.1:${base}`,
      plainUrl: `http://127.0.0.1:${base + 1}`,
    })
    await until(
      'the server to be ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`the server left: ${output.join('').slice(-2000)}`)
        const health = await fetch(`http://127.0.0.1:${base + 1}/healthz`).catch(() => undefined)
        return health?.ok
      },
      { timeoutMs: 30_000, everyMs: 100 },
    )
    return server
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** SIGKILL: no handler runs. The data folder stays for the successor. */
  async kill(): Promise<void> {
    this.#keepsData = true
    const left = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await left
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const left = once(this.#child, 'exit')
      this.#child.kill('SIGINT')
      const forced = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
      await left
      clearTimeout(forced)
    }
    if (!this.#keepsData) await dropData(this.dataDir)
  }
}

/** Ports come as a number, `host:port`, a URL or an object with a port. */
function portOf(address: unknown): number {
  if (typeof address === 'number') return address
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port)
  return Number(/:(\d+)(?:\D*)$/.exec(String(address))?.[1])
}

/** For the message of a failed test. */
export const complaintsOf = (...browsers: readonly TestBrowser[]) => browsers.flatMap(browser => browser.complaints)
