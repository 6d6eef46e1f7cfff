import type { types } from 'mediasoup'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Logger } from '../logger.ts'
import { KeyFramePolicy } from './key-frame-policy.ts'
import { LossWatch } from './loss-watch.ts'
import { RoomError } from './room-error.ts'
import type { RoomEvents, VideoStart } from './room-events.ts'
import { senderReportOf } from './sender-report.ts'
import type { Ticker } from './ticker.ts'
import type { TypedEmitter } from './typed-emitter.ts'

export type CameraOptions = {
  readonly router: types.Router
  readonly producer: types.Producer
  readonly participantId: ParticipantId
  readonly events: TypedEmitter<RoomEvents>
  readonly ticker: Ticker
  readonly logger: Logger
  readonly silenceMs: number
  readonly keyFrameEveryMs: number
}

export type CameraQuality = {
  readonly bitrateBps: number
  readonly packets: number
  readonly packetsLost: number
  readonly packetsRetransmitted: number
  readonly keyFrameRequests: number
  readonly jitterMs: number
  readonly roundTripMs: number | undefined
}

/** The phone's video: its producer, and the tap through which archive and snapshots see every packet. */
export class Camera {
  readonly participantId: ParticipantId
  readonly producer: types.Producer
  readonly #transport: types.DirectTransport
  readonly #tap: types.Consumer
  readonly #events: TypedEmitter<RoomEvents>
  readonly #silenceMs: number
  readonly #keyFrames: KeyFramePolicy
  readonly #loss = new LossWatch()
  readonly #offTick: () => void
  #lastPacketAtMs: number
  #packets = 0
  #bytes = 0
  #silent = false
  #closed = false

  private constructor(options: CameraOptions, transport: types.DirectTransport, tap: types.Consumer) {
    this.participantId = options.participantId
    this.producer = options.producer
    this.#transport = transport
    this.#tap = tap
    this.#events = options.events
    this.#silenceMs = options.silenceMs
    this.#lastPacketAtMs = performance.now()
    this.#keyFrames = new KeyFramePolicy(options.keyFrameEveryMs, () => {
      // Fails only when the worker is gone, which the room hears of by itself.
      tap.requestKeyFrame().catch(error => options.logger.debug({ err: error }, 'no key frame asked for'))
    })
    this.#offTick = options.ticker.add(nowMs => this.#tick(nowMs))
  }

  static async create(options: CameraOptions): Promise<Camera> {
    const { router, producer } = options
    const transport = await router.createDirectTransport()
    try {
      const rtpCapabilities = router.rtpCapabilities
      // Paused until the listeners are in place: the tap must not miss the first key frame.
      const tap = await transport.consume({ producerId: producer.id, rtpCapabilities, paused: true })
      const camera = new Camera(options, transport, tap)
      tap.on('rtp', rtp => camera.#packet(rtp))
      const ssrc = tap.rtpParameters.encodings?.[0]?.ssrc ?? 0
      producer.on('trace', trace => {
        const report = trace.type === 'sr' ? senderReportOf(trace.info, ssrc) : undefined
        if (report !== undefined) options.events.emit('videoRtcp', report)
      })
      await producer.enableTraceEvent(['sr'])
      return camera
    } catch (error) {
      transport.close()
      throw error
    }
  }

  /** Tells what the packets will look like, then lets them flow. */
  async start(): Promise<void> {
    this.#events.emit('videoStarted', this.#describe())
    await this.#tap.resume()
    this.requestKeyFrame()
  }

  get hasPackets(): boolean {
    return this.#packets > 0
  }

  requestKeyFrame(): void {
    if (!this.#closed && !this.producer.paused) this.#keyFrames.now(performance.now())
  }

  async pause(): Promise<void> {
    await this.producer.pause()
  }

  async resume(): Promise<void> {
    this.#lastPacketAtMs = performance.now()
    await this.producer.resume()
    this.requestKeyFrame()
  }

  stats() {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      packetsLost: this.#loss.unrecovered,
      keyFrameRequests: this.#keyFrames.requests,
      silent: this.#silent,
      paused: this.producer.paused,
    }
  }

  async quality(): Promise<CameraQuality | undefined> {
    const [stat] = await this.producer.getStats()
    if (stat === undefined) return undefined
    return {
      bitrateBps: stat.bitrate,
      packets: stat.packetCount,
      packetsLost: stat.packetsLost,
      packetsRetransmitted: stat.packetsRetransmitted,
      keyFrameRequests: stat.pliCount,
      // mediasoup gives the jitter of RFC 3550 in units of the 90 kHz clock.
      jitterMs: stat.jitter / 90,
      roundTripMs: stat.roundTripTime,
    }
  }

  /** Closes producer, tap and, through mediasoup, the viewers' consumers. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#offTick()
    this.producer.close()
    this.#transport.close()
    this.#events.emit('videoEnded', this.participantId)
  }

  #describe(): VideoStart {
    const codec = this.#tap.rtpParameters.codecs[0]
    const ssrc = this.#tap.rtpParameters.encodings?.[0]?.ssrc
    const name = codec?.mimeType.toLowerCase()
    if (codec === undefined || ssrc === undefined || (name !== 'video/vp8' && name !== 'video/h264')) {
      throw new RoomError('wrong-codec', 'the camera sends neither VP8 nor H.264')
    }
    return {
      participantId: this.participantId,
      producerId: this.producer.id,
      codec: name === 'video/vp8' ? 'VP8' : 'H264',
      payloadType: codec.payloadType,
      clockRate: codec.clockRate,
      ssrc,
    }
  }

  #packet(rtp: Buffer): void {
    if (this.#closed || rtp.length < 12) return
    const nowMs = performance.now()
    this.#lastPacketAtMs = nowMs
    this.#packets++
    this.#bytes += rtp.length
    this.#loss.packet(rtp.readUInt16BE(2), nowMs)
    if (this.#packets === 1) this.#events.emit('firstVideoPacket', this.participantId)
    if (this.#silent) {
      this.#silent = false
      this.#events.emit('videoBack')
    }
    this.#events.emit('videoRtp', rtp)
  }

  #tick(nowMs: number): void {
    if (this.producer.paused || this.#packets === 0) return
    const silentMs = nowMs - this.#lastPacketAtMs
    if (silentMs > this.#silenceMs) {
      if (!this.#silent) {
        this.#silent = true
        this.#events.emit('videoSilent', Math.round(silentMs))
      }
      return
    }
    if (this.#loss.takeLoss(nowMs)) this.#keyFrames.onLoss(nowMs)
    this.#keyFrames.tick(nowMs)
  }
}
