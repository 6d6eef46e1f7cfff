import { once } from 'node:events'
import Srf from 'drachtio-srf'
import { SipServer } from '../sip-server.ts'
import type { SipServerOptions } from '../sip-server-options.ts'
import type { TransportProtocol } from '../transport-protocol.ts'
import { RawPeer } from './raw-peer.ts'
import type { TestSrf } from './srf-types.ts'

/** The embedded server with real drachtio-srf applications on its control port and raw peers on its UDP port. */
export class SrfRig {
  readonly server: SipServer
  readonly #applications: TestSrf[] = []
  readonly #peers: RawPeer[] = []

  private constructor(server: SipServer) {
    this.server = server
  }

  static async create(options: Partial<SipServerOptions> = {}): Promise<SrfRig> {
    const server = await SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: 'test-secret' },
      listen: [
        { protocol: 'udp', host: '127.0.0.1', port: 0 },
        { protocol: 'tcp', host: '127.0.0.1', port: 0 },
      ],
      ...options,
    })
    return new SrfRig(server)
  }

  portOf(protocol: TransportProtocol): number {
    const found = this.server.hostports.find(hostport => hostport.startsWith(`${protocol}/`))
    return Number(found?.split(':').at(-1))
  }

  /** A connected application. */
  async srf(tags?: readonly string[]): Promise<TestSrf> {
    const srf = new (Srf as unknown as new (tags?: readonly string[]) => TestSrf)(tags)
    this.#applications.push(srf)
    srf.on('error', () => {})
    srf.connect({ host: '127.0.0.1', port: this.server.controlPort, secret: 'test-secret' })
    await once(srf, 'connect')
    return srf
  }

  async peer(): Promise<RawPeer> {
    const peer = await RawPeer.create(this.portOf('udp'))
    this.#peers.push(peer)
    return peer
  }

  async close(): Promise<void> {
    for (const srf of this.#applications) srf.disconnect()
    for (const peer of this.#peers) peer.close()
    await this.server.close()
  }
}

/** Routes take a round trip to the server; a test must not call in before they are there. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20))
}
