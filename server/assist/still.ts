import { jpegOfH264KeyFrame } from '../../media/picture/h264-picture.ts'
import type { KeyFrame, VideoCodec } from '../../media/picture/key-frame-catcher.ts'
import { pictureOfVp8KeyFrame } from '../../media/picture/picture.ts'
import type { Still } from './pages.ts'

/** A key frame as a picture: VP8 as it is (a WebP file), H.264 decoded by one short process of low priority. */
export async function stillOf(codec: VideoCodec, key: KeyFrame, ffmpegBin: string): Promise<Still> {
  const { rtpTimestamp } = key
  if (codec === 'VP8') {
    const { webp, widthPx, heightPx } = await pictureOfVp8KeyFrame(key.frame)
    return { bytes: webp, extension: 'webp', widthPx, heightPx, rtpTimestamp }
  }
  const { jpeg, widthPx, heightPx } = await jpegOfH264KeyFrame(key.frame, ffmpegBin)
  return { bytes: jpeg, extension: 'jpg', widthPx, heightPx, rtpTimestamp }
}
