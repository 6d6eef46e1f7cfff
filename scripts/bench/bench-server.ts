import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../server/store/database.ts'
import { Users } from '../../server/store/users.ts'
import { OuterServer } from '../../test/harness/app.ts'
import { type Usage, usageOfTree } from './process-usage.ts'
import { udpDrops } from './udp-drops.ts'

/** The server among this process's children, by its command line. */
const SERVER = 'node main.ts'
const RTP_PORTS = { min: 24_000, max: 24_599 } as const
const WEBRTC_PORT = 24_650
const PASSWORD = 'bench-only-password'

/** The real server as a process of its own, with as many agents as a benchmark needs. */
export class BenchServer {
  readonly server: OuterServer

  private constructor(server: OuterServer) {
    this.server = server
  }

  static async start(o: { agents: number; env?: Record<string, string> }): Promise<BenchServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tongping-bench-'))
    const db = await openDatabase(join(dataDir, 'index.sqlite'))
    const users = await Users.load(db)
    for (let index = 0; index < o.agents; index += 1) {
      await users.add({ name: nameOf(index), displayName: nameOf(index), role: 'agent', password: PASSWORD })
    }
    await db.close()
    // Two ports a call, and as many again that rest after use.
    const env = {
      TONGPING_RTP_PORT_MIN: `${RTP_PORTS.min}`,
      TONGPING_RTP_PORT_MAX: `${RTP_PORTS.max}`,
      TONGPING_WEBRTC_PORT: `${WEBRTC_PORT}`,
      ...o.env,
    }
    return new BenchServer(await OuterServer.start({ dataDir, env }))
  }

  agent(index: number): { name: string; password: string } {
    return { name: nameOf(index), password: PASSWORD }
  }

  /** The server's processes: its main process, the media worker, and whatever else it started. */
  async usage(): Promise<{ main: Usage; worker: Usage; others: Usage[] }> {
    const own = await usageOfTree(process.pid)
    const main = own.find(one => one.name === SERVER)
    const [, ...children] = main ? await usageOfTree(main.pid) : []
    const worker = children.find(child => child.name.includes('mediasoup-worker'))
    if (!main || !worker) throw new Error('the server or its media worker is not running')
    return { main, worker, others: children.filter(child => child !== worker) }
  }

  /** What the kernel dropped so far before the server could read it. */
  async drops(): Promise<{ webrtc: number; telephones: number }> {
    return {
      webrtc: await udpDrops(port => port === WEBRTC_PORT),
      telephones: await udpDrops(port => port >= RTP_PORTS.min && port <= RTP_PORTS.max),
    }
  }

  close(): Promise<void> {
    return this.server.close()
  }
}

function nameOf(index: number): string {
  return `bench-agent-${index}`
}
