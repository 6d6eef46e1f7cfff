import type { FrameFormat, FramePart } from './frame-part.ts'
import { H264_FORMAT } from './h264-format.ts'
import { PictureError } from './picture-error.ts'
import { viewRtp } from './rtp-payload.ts'
import { VP8_FORMAT } from './vp8-format.ts'

export type VideoCodec = 'VP8' | 'H264'

/** One complete key frame: VP8 as in RFC 6386, H.264 in Annex B form. */
export type KeyFrame = {
  readonly codec: VideoCodec
  readonly frame: Buffer
  readonly rtpTimestamp: number
  readonly widthPx: number
  readonly heightPx: number
}

type Assembly = { kind: 'unknown' | 'key' | 'other'; parts: Map<number, FramePart>; first?: number; last?: number }
type Waiter = { resolve(frame: KeyFrame): void; reject(error: PictureError): void; timer: NodeJS.Timeout }

const FORMATS: Record<VideoCodec, FrameFormat> = { VP8: VP8_FORMAT, H264: H264_FORMAT }
/** Frames under assembly. A retransmission comes within a round trip, which is a few frames at 30 per second. */
const MAX_OPEN_FRAMES = 16
const MAX_PARTS = 2000

/**
 * Picks complete key frames out of a video track's RTP packets, in whatever order they arrive.
 * Packets of a frame known to be no key frame are not kept, so idle memory is one key frame.
 */
export class KeyFrameCatcher {
  readonly #codec: VideoCodec
  readonly #format: FrameFormat
  readonly #onKeyFrame: (frame: KeyFrame) => void
  readonly #open = new Map<number, Assembly>()
  readonly #waiters = new Set<Waiter>()
  #ssrc: number | undefined
  #last: KeyFrame | undefined
  #closed = false

  /** `onKeyFrame` hears of every newest key frame; it must not throw. */
  constructor(codec: VideoCodec, onKeyFrame: (frame: KeyFrame) => void = () => {}) {
    this.#codec = codec
    this.#onKeyFrame = onKeyFrame
    this.#format = FORMATS[codec]
  }

  /** Never throws: it stands in the media path. Malformed packets are ignored. */
  push(rtp: Buffer): void {
    if (this.#closed) return
    const view = viewRtp(rtp)
    if (view === undefined || view.payload.length === 0) return
    if (view.ssrc !== this.#ssrc) {
      this.#ssrc = view.ssrc
      this.#open.clear()
      this.#last = undefined
    }
    const assembly = this.#assemblyOf(view.timestamp)
    if (assembly.kind === 'other') return
    const part = this.#format.part(view.payload)
    if (part === undefined) return
    if (part.key === false && this.#codec === 'VP8') {
      assembly.kind = 'other'
      assembly.parts.clear()
      return
    }
    if (part.key === true) assembly.kind = 'key'
    if (part.first) assembly.first = view.sequence
    if (view.marker) assembly.last = view.sequence
    assembly.parts.set(view.sequence, part)
    if (assembly.parts.size > MAX_PARTS) assembly.parts.clear()
    this.#complete(view.timestamp, assembly)
  }

  /**
   * The next key frame to become complete after this call. Ask the sender for one (PLI) right after calling.
   * Rejects with {@link PictureError} `timeout` or `closed`.
   */
  next(timeoutMs: number): Promise<KeyFrame> {
    if (this.#closed) return Promise.reject(new PictureError('closed', 'the video has ended'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(new PictureError('timeout', `no key frame within ${timeoutMs} ms`))
      }, timeoutMs)
      const waiter: Waiter = { resolve, reject, timer }
      this.#waiters.add(waiter)
    })
  }

  /** The newest complete key frame so far. */
  last(): KeyFrame | undefined {
    return this.#last
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#open.clear()
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.reject(new PictureError('closed', 'the video has ended'))
    }
    this.#waiters.clear()
  }

  #assemblyOf(timestamp: number): Assembly {
    const known = this.#open.get(timestamp)
    if (known !== undefined) return known
    const assembly: Assembly = { kind: 'unknown', parts: new Map() }
    this.#open.set(timestamp, assembly)
    if (this.#open.size > MAX_OPEN_FRAMES) {
      const oldest = this.#open.keys().next().value
      if (oldest !== undefined) this.#open.delete(oldest)
    }
    return assembly
  }

  #complete(timestamp: number, assembly: Assembly): void {
    const { first, last } = assembly
    if (assembly.kind !== 'key' || first === undefined || last === undefined) return
    const count = ((last - first) & 0xffff) + 1
    if (assembly.parts.size < count) return
    const bytes: Buffer[] = []
    for (let i = 0; i < count; i++) {
      const part = assembly.parts.get((first + i) & 0xffff)
      if (part === undefined) return
      bytes.push(part.bytes)
    }
    assembly.kind = 'other'
    assembly.parts.clear()
    const frame = Buffer.concat(bytes)
    const size = this.#format.size(frame)
    if (size === undefined) return
    const caught: KeyFrame = { codec: this.#codec, frame, rtpTimestamp: timestamp, ...size }
    // A retransmission may complete an old frame after a newer one.
    const isNewer = this.#last === undefined || ((timestamp - this.#last.rtpTimestamp) | 0) > 0
    if (isNewer) {
      this.#last = caught
      this.#onKeyFrame(caught)
    }
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.resolve(caught)
    }
    this.#waiters.clear()
  }
}
