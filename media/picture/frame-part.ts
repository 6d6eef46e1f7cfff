/**
 * What one RTP payload says about the video frame it belongs to. `bytes` is what it adds to the frame
 * as a decoder wants it.
 */
export type FramePart = {
  /** True when the frame cannot have begun in an earlier packet. */
  readonly first: boolean
  /** Known only from some packets of a frame; undefined when this one does not tell. */
  readonly key: boolean | undefined
  readonly bytes: Buffer
}

export type FrameSize = { readonly widthPx: number; readonly heightPx: number }

/** One codec's way of reading RTP payloads and key frames. Both functions answer undefined for malformed input. */
export type FrameFormat = {
  part(payload: Buffer): FramePart | undefined
  size(keyFrame: Buffer): FrameSize | undefined
}
