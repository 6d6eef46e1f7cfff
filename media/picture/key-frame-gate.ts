import type { FrameFormat } from './frame-part.ts'
import { H264_FORMAT } from './h264-format.ts'
import type { VideoCodec } from './key-frame-catcher.ts'
import { viewRtp } from './rtp-payload.ts'
import { VP8_FORMAT } from './vp8-format.ts'

const FORMATS: Record<VideoCodec, FrameFormat> = { VP8: VP8_FORMAT, H264: H264_FORMAT }

/**
 * Where a recording begins in mid-stream: nothing passes before the first packet of a key frame, and nothing older than that
 * frame afterwards. Frames before it could not be decoded, and may show what must not be kept.
 */
export class KeyFrameGate {
  readonly #format: FrameFormat
  #from: { readonly timestamp: number; readonly ssrc: number } | undefined

  constructor(codec: VideoCodec) {
    this.#format = FORMATS[codec]
  }

  get isOpen(): boolean {
    return this.#from !== undefined
  }

  /** Never throws: it stands in the media path. */
  passes(rtp: Buffer): boolean {
    const view = viewRtp(rtp)
    if (view === undefined) return false
    const { ssrc, timestamp, payload } = view
    if (this.#from?.ssrc === ssrc) return ((timestamp - this.#from.timestamp) | 0) >= 0
    const part = payload.length === 0 ? undefined : this.#format.part(payload)
    if (part?.first !== true || part.key !== true) return false
    this.#from = { timestamp, ssrc }
    return true
  }
}
