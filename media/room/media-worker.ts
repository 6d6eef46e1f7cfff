import type { types } from 'mediasoup'
import type { Logger } from '../logger.ts'

/** Where browsers send their media. `port` is taken for UDP and TCP; with `portRange` the worker picks free ones. */
export type RtcListen = {
  readonly listenIp: string
  /** The address browsers can reach, when it is not `listenIp` (NAT, 0.0.0.0). */
  readonly announcedAddress?: string
} & ({ readonly port: number } | { readonly portRange: { readonly min: number; readonly max: number } })

export type MediaWorkerOptions = {
  readonly createWorker: (settings: types.WorkerSettings) => Promise<types.Worker>
  readonly index: number
  readonly rtc: RtcListen
  readonly logger: Logger
}

/** The kernel gives at most `net.core.rmem_max` and `wmem_max`. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

function listenInfo(protocol: 'udp' | 'tcp', rtc: RtcListen, index: number): types.TransportListenInfo {
  return {
    protocol,
    ip: rtc.listenIp,
    // Every browser comes in through this one socket: the system's 208 KB are 90 video packets, 10 ms of fifty cameras.
    ...(protocol === 'udp' ? { recvBufferSize: SOCKET_BUFFER_BYTES, sendBufferSize: SOCKET_BUFFER_BYTES } : {}),
    ...(rtc.announcedAddress === undefined ? {} : { announcedAddress: rtc.announcedAddress }),
    ...('port' in rtc ? { port: rtc.port + index } : { portRange: { ...rtc.portRange } }),
  }
}

/** One mediasoup-worker process and the one port through which its browsers come. */
export class MediaWorker {
  readonly index: number
  readonly #worker: types.Worker
  readonly #webRtcServer: types.WebRtcServer
  readonly #gone: Promise<void>
  rooms = 0

  private constructor(index: number, worker: types.Worker, webRtcServer: types.WebRtcServer) {
    this.index = index
    this.#worker = worker
    this.#webRtcServer = webRtcServer
    this.#gone = new Promise(resolve => worker.once('subprocessclose', resolve))
  }

  /** Rejects when the binary is missing or unfit, or the port is taken. */
  static async create(options: MediaWorkerOptions): Promise<MediaWorker> {
    const { createWorker, index, rtc, logger } = options
    const worker = await createWorker({ logLevel: 'warn', logTags: ['dtls', 'ice', 'srtp', 'rtp'] })
    try {
      const listenInfos = (['udp', 'tcp'] as const).map(protocol => listenInfo(protocol, rtc, index))
      const webRtcServer = await worker.createWebRtcServer({ listenInfos })
      logger.info({ worker: index, pid: worker.pid }, 'media worker started')
      return new MediaWorker(index, worker, webRtcServer)
    } catch (error) {
      worker.close()
      throw error
    }
  }

  get pid(): number {
    return this.#worker.pid
  }

  get webRtcServer(): types.WebRtcServer {
    return this.#webRtcServer
  }

  onDied(listener: (error: Error) => void): void {
    this.#worker.once('died', listener)
  }

  createRouter(mediaCodecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    return this.#worker.createRouter({ mediaCodecs })
  }

  /** CPU time and memory of the worker process (getrusage). */
  usage(): Promise<types.WorkerResourceUsage> {
    return this.#worker.getResourceUsage()
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    this.#worker.close()
    await this.#gone
  }
}
