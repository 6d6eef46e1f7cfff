import { coverPlane, pixelsOf } from '../../signaling/protocol/cover-box.ts'
import type { Region } from '../../signaling/protocol/reading.ts'

/** Bytes of a picture of three planes, 4:2:0, as ffmpeg writes `yuv420p`. */
export function yuvBytes(widthPx: number, heightPx: number): number {
  return widthPx * heightPx + 2 * Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2)
}

/** Covers boxes in a decoded frame, in place. */
export function coverYuv(frame: Buffer, widthPx: number, heightPx: number, boxes: readonly Region[]): void {
  const [halfWidth, halfHeight] = [Math.ceil(widthPx / 2), Math.ceil(heightPx / 2)]
  const luma = widthPx * heightPx
  for (const region of boxes) {
    const box = pixelsOf(region, widthPx, heightPx)
    coverPlane({ data: frame, offset: 0, widthPx, heightPx, step: 1 }, box, { striped: true, empty: 128 })
    const half = {
      ...{ left: box.left >> 1, top: box.top >> 1 },
      ...{ right: Math.ceil(box.right / 2), bottom: Math.ceil(box.bottom / 2) },
    }
    for (const offset of [luma, luma + halfWidth * halfHeight])
      coverPlane({ data: frame, offset, widthPx: halfWidth, heightPx: halfHeight, step: 1 }, half, {
        ...{ striped: false, empty: 128 },
      })
  }
}
