import { jpegOfH264KeyFrame } from '../../media/picture/h264-picture.ts'
import type { KeyFrame, VideoCodec } from '../../media/picture/key-frame-catcher.ts'
import { pictureOfVp8KeyFrame } from '../../media/picture/picture.ts'

/** One key frame as a still picture. */
export type Still = {
  readonly bytes: Buffer
  readonly type: 'image/webp' | 'image/jpeg'
  readonly widthPx: number
  readonly heightPx: number
  readonly rtpTimestamp: number
}

/** A key frame as a picture: VP8 as it is (a WebP file), H.264 decoded by one short process of low priority. */
export async function stillOf(codec: VideoCodec, key: KeyFrame, ffmpegBin: string): Promise<Still> {
  const { rtpTimestamp } = key
  if (codec === 'VP8') {
    const { webp, widthPx, heightPx } = await pictureOfVp8KeyFrame(key.frame)
    return { bytes: webp, type: 'image/webp', widthPx, heightPx, rtpTimestamp }
  }
  const { jpeg, widthPx, heightPx } = await jpegOfH264KeyFrame(key.frame, ffmpegBin)
  return { bytes: jpeg, type: 'image/jpeg', widthPx, heightPx, rtpTimestamp }
}
