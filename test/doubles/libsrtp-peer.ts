import { createWorker, type types } from 'mediasoup'
import type { MasterKey } from '../../media/edge/srtp/master-key.ts'
import { voiceParameters } from '../../media/room/router-codecs.ts'

/** A foreign implementation of SRTP: libsrtp inside a mediasoup worker, with a way in and a way out for plain packets. */
export class LibsrtpBench {
  readonly #worker: types.Worker
  readonly router: types.Router

  private constructor(worker: types.Worker, router: types.Router) {
    this.#worker = worker
    this.router = router
  }

  static async open(): Promise<LibsrtpBench> {
    const workerBin = process.env.MEDIASOUP_WORKER_BIN
    const worker = await createWorker({ logLevel: 'none', ...(workerBin === undefined ? {} : { workerBin }) })
    const router = await worker.createRouter({
      mediaCodecs: [{ kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8000 }],
    })
    return new LibsrtpBench(worker, router)
  }

  close(): void {
    this.#worker.close()
  }
}

/** One SRTP endpoint of libsrtp: two UDP ports and a key of each side; it takes its peer's address and key once. */
export class LibsrtpPeer {
  readonly #bench: LibsrtpBench
  readonly #transport: types.PlainTransport
  readonly #direct: types.DirectTransport
  /** What it opened of our packets, plain. */
  readonly received: Buffer[] = []
  /** How many sender reports of ours it opened. */
  senderReports = 0
  #producer: types.Producer | undefined

  private constructor(bench: LibsrtpBench, transport: types.PlainTransport, direct: types.DirectTransport) {
    this.#bench = bench
    this.#transport = transport
    this.#direct = direct
  }

  static async create(bench: LibsrtpBench, suite: types.SrtpCryptoSuite): Promise<LibsrtpPeer> {
    const transport = await bench.router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpListenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: false,
      enableSrtp: true,
      srtpCryptoSuite: suite,
    })
    return new LibsrtpPeer(bench, transport, await bench.router.createDirectTransport())
  }

  get port(): number {
    return this.#transport.tuple.localPort
  }

  get rtcpPort(): number {
    return this.#transport.rtcpTuple?.localPort ?? 0
  }

  /** Under which it sends. */
  get keyBase64(): string {
    return this.#transport.srtpParameters?.keyBase64 ?? ''
  }

  /** Once: where we are, and under which key we send. */
  async connect(o: { port: number; rtcpPort: number; key: MasterKey }): Promise<void> {
    const srtpParameters = { cryptoSuite: o.key.suite, keyBase64: o.key.toBase64() }
    await this.#transport.connect({ ip: '127.0.0.1', port: o.port, rtcpPort: o.rtcpPort, srtpParameters })
  }

  /** Takes our stream; what libsrtp opens of it arrives in `received`. */
  async listen(ssrc: number): Promise<void> {
    const producer = await this.#transport.produce({ kind: 'audio', rtpParameters: voiceParameters('PCMA', ssrc) })
    await producer.enableTraceEvent(['sr'])
    producer.on('trace', () => this.senderReports++)
    const consumer = await this.#direct.consume({
      producerId: producer.id,
      rtpCapabilities: this.#bench.router.rtpCapabilities,
    })
    consumer.on('rtp', packet => this.received.push(packet))
  }

  /** Begins to send a stream; each packet of `say` goes out encrypted by libsrtp. */
  async speak(ssrc: number): Promise<void> {
    this.#producer = await this.#direct.produce({ kind: 'audio', rtpParameters: voiceParameters('PCMA', ssrc) })
    await this.#transport.consume({
      producerId: this.#producer.id,
      rtpCapabilities: this.#bench.router.rtpCapabilities,
    })
  }

  say(packet: Buffer): void {
    this.#producer?.send(packet)
  }

  /** Its reports end too. */
  close(): void {
    this.#transport.close()
    this.#direct.close()
  }
}
