import { setTimeout as delay } from 'node:timers/promises'
import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { Logger } from '../logger.ts'
import { MediaWorker, type MediaWorkerOptions, type RtcListen } from './media-worker.ts'
import { RoomError } from './room-error.ts'
import { offeredCapabilities, ROUTER_CODECS } from './router-codecs.ts'
import { Ticker } from './ticker.ts'
import { TypedEmitter } from './typed-emitter.ts'

export type WorkerPoolOptions = {
  /** Path of the mediasoup-worker binary; undefined leaves the search to mediasoup. */
  readonly workerBin?: string
  readonly workers: number
  readonly rtc: RtcListen
  readonly logger: Logger
}

/** How long a room waits for a replacement when no worker is alive. */
const PICK_TIMEOUT_MS = 5_000
const RESTART_DELAYS_MS = [0, 250, 1_000, 4_000, 10_000]
/** Fine enough for 1.5 s of silence and 300 ms of loss. */
const TICK_MS = 100

/** All media workers of this node. A worker that dies is replaced; its rooms tell their owners themselves. */
export class WorkerPool {
  readonly ticker = new Ticker(TICK_MS)
  readonly #create: Omit<MediaWorkerOptions, 'index'>
  readonly #logger: Logger
  readonly #workers = new Map<number, MediaWorker>()
  readonly #events: TypedEmitter<{ died: [{ pid: number; rooms: number }]; started: [] }>
  readonly #stop = new AbortController()
  readonly #restarts = new Set<Promise<void>>()
  #capabilities: RtpCapabilities | undefined
  #deaths = 0

  private constructor(create: Omit<MediaWorkerOptions, 'index'>) {
    this.#create = create
    this.#logger = create.logger
    this.#events = new TypedEmitter((event, error) => this.#logger.error({ event, err: error }, 'listener threw'))
  }

  /** Rejects when a worker cannot be started: the binary is missing or unfit, or its port is taken. */
  static async create(options: WorkerPoolOptions): Promise<WorkerPool> {
    const { workerBin, workers, rtc, logger } = options
    if (/^(0\.0\.0\.0|::)$/.test(rtc.listenIp) && rtc.announcedAddress === undefined) {
      throw new Error(`media listens on ${rtc.listenIp}: an announced address is needed, or no browser can reach it`)
    }
    const mediasoup = await import('mediasoup')
    mediasoup.setLogEventListeners({
      onwarn: (namespace, log) => logger.debug({ namespace, log }, 'mediasoup warns'),
      onerror: (namespace, log, error) => logger.warn({ namespace, log, err: error }, 'mediasoup reports an error'),
    })
    const named = workerBin === undefined ? {} : { workerBin }
    const createWorker = (settings: types.WorkerSettings) => mediasoup.createWorker({ ...settings, ...named })
    const pool = new WorkerPool({ createWorker, rtc, logger })
    try {
      for (let index = 0; index < workers; index++) await pool.#start(index)
      const router = await pool.#firstWorker().createRouter([...ROUTER_CODECS])
      pool.#capabilities = offeredCapabilities(router.rtpCapabilities)
      router.close()
    } catch (error) {
      await pool.close()
      throw error
    }
    return pool
  }

  /** What every router of this pool can do, as browsers are told; known before any call. */
  get routerRtpCapabilities(): RtpCapabilities {
    if (this.#capabilities === undefined) throw new RoomError('no-worker', 'the media workers have not started')
    return this.#capabilities
  }

  /** A worker process ended by itself. */
  onDied(listener: (death: { pid: number; rooms: number }) => void): () => void {
    return this.#events.on('died', listener)
  }

  /** A fresh router on the least busy worker. @throws RoomError `no-worker` */
  async openRouter(): Promise<{ router: types.Router; webRtcServer: types.WebRtcServer; release(): void }> {
    const worker = this.#leastBusy() ?? (await this.#nextWorker())
    worker.rooms++
    try {
      const router = await worker.createRouter([...ROUTER_CODECS])
      let held = true
      const release = () => {
        if (held) worker.rooms--
        held = false
      }
      return { router, webRtcServer: worker.webRtcServer, release }
    } catch (error) {
      worker.rooms--
      throw new RoomError('no-worker', 'the media worker made no router', { cause: error })
    }
  }

  stats() {
    const workers = [...this.#workers.values()]
    return {
      alive: workers.length,
      deaths: this.#deaths,
      rooms: workers.reduce((sum, worker) => sum + worker.rooms, 0),
      workers: workers.map(worker => ({ index: worker.index, pid: worker.pid, rooms: worker.rooms })),
    }
  }

  /** CPU time in milliseconds and peak resident memory of each worker process, as getrusage reports them. */
  async usage(): Promise<{ pid: number; userMs: number; systemMs: number; maxRssKib: number }[]> {
    return await Promise.all(
      [...this.#workers.values()].map(async worker => {
        const usage = await worker.usage()
        return { pid: worker.pid, userMs: usage.ru_utime, systemMs: usage.ru_stime, maxRssKib: usage.ru_maxrss }
      }),
    )
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.ticker.close()
    await Promise.all(this.#restarts)
    const workers = [...this.#workers.values()]
    this.#workers.clear()
    await Promise.all(workers.map(worker => worker.close()))
    this.#events.clear()
  }

  #leastBusy(): MediaWorker | undefined {
    return [...this.#workers.values()].toSorted((a, b) => a.rooms - b.rooms)[0]
  }

  #firstWorker(): MediaWorker {
    const worker = this.#leastBusy()
    if (worker === undefined) throw new RoomError('no-worker', 'no media worker is running')
    return worker
  }

  async #nextWorker(): Promise<MediaWorker> {
    await new Promise<void>(resolve => {
      const off = this.#events.on('started', () => done())
      const timer = setTimeout(() => done(), PICK_TIMEOUT_MS)
      const done = () => {
        clearTimeout(timer)
        off()
        resolve()
      }
      this.#stop.signal.addEventListener('abort', done, { once: true })
      if (this.#stop.signal.aborted) done()
    })
    return this.#firstWorker()
  }

  async #start(index: number): Promise<void> {
    const worker = await MediaWorker.create({ ...this.#create, index })
    if (this.#stop.signal.aborted) {
      await worker.close()
      return
    }
    this.#workers.set(index, worker)
    worker.onDied(error => this.#died(worker, error))
    this.#events.emit('started')
  }

  #died(worker: MediaWorker, error: Error): void {
    this.#deaths++
    this.#workers.delete(worker.index)
    this.#logger.error({ worker: worker.index, pid: worker.pid, rooms: worker.rooms, err: error }, 'media worker died')
    this.#events.emit('died', { pid: worker.pid, rooms: worker.rooms })
    const restart = this.#restart(worker.index).finally(() => this.#restarts.delete(restart))
    this.#restarts.add(restart)
  }

  /** Tries until it works: a node without a worker can still carry nothing, but the next attempt costs little. */
  async #restart(index: number): Promise<void> {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      const waitMs = RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]
      try {
        await delay(waitMs, undefined, { signal: this.#stop.signal })
        await this.#start(index)
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#logger.error({ worker: index, attempt, err: error }, 'media worker did not start')
      }
    }
  }
}
