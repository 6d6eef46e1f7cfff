import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { freePort } from '../free-port.ts'
import { PeerProcess } from './peer-process.ts'

/** Not the address of anybody else: what it sends must not look like the signalling's. */
export const RTPENGINE_HOST = '127.0.0.3'

/** rtpengine as a session border controller's media relay, in user space, on loopback. */
export class RtpEngine {
  readonly controlPort: number
  readonly ports: { readonly min: number; readonly max: number }
  readonly process: PeerProcess

  private constructor(controlPort: number, ports: { min: number; max: number }, process: PeerProcess) {
    this.controlPort = controlPort
    this.ports = ports
    this.process = process
  }

  static async start(): Promise<RtpEngine> {
    const controlPort = await freePort()
    const min = 40_000 + 100 * Math.floor(Math.random() * 80)
    const ports = { min, max: min + 99 }
    const process = await PeerProcess.start({
      program: 'rtpengine',
      debianPackage: 'rtpengine-daemon',
      files: {},
      args: folder => [
        '--config-file=none',
        '--foreground',
        '--log-stderr',
        '--log-level=6',
        // No kernel module: it must not touch this machine's packet filter.
        '--table=-1',
        `--interface=${RTPENGINE_HOST}`,
        `--listen-ng=${RTPENGINE_HOST}:${controlPort}`,
        `--port-min=${ports.min}`,
        `--port-max=${ports.max}`,
        '--num-threads=2',
        '--delete-delay=0',
        `--pidfile=${folder}/pid`,
      ],
    })
    const engine = new RtpEngine(controlPort, ports, process)
    await process.ready('a pong', () => engine.#pings())
    return engine
  }

  isRelay(port: number): boolean {
    return port >= this.ports.min && port <= this.ports.max
  }

  async #pings(): Promise<boolean> {
    const socket = createSocket('udp4')
    try {
      const answer = once(socket, 'message', { signal: AbortSignal.timeout(300) })
      socket.send('1 d7:command4:pinge', this.controlPort, RTPENGINE_HOST)
      return String((await answer)[0]).includes('pong')
    } catch {
      return false
    } finally {
      socket.close()
    }
  }

  close(): Promise<void> {
    return this.process.close()
  }
}
